package source

import (
	"fmt"
	"strings"
)

// personalWords are names of columns that hold what is known of a person, as headerWords are of others.
var personalWords = map[string]string{
	"e-mail addresses": `email mail emailaddress emailid customeremail useremail buyeremail clientemail contactemail billingemail shippingemail courriel
		adressemail mailadresse emailadresse emailkunde correo correoelectronico posta postaelettronica emailcliente emailklienta`,
	"telephone numbers": `phone phoneno phonenumber telephone telephoneno telephonenumber tel mobile mobileno mobilenumber mobilephone cellphone customerphone contactphone
		billingphone shippingphone fax faxnumber telefon telefonnummer telefonnr handy handynummer mobilnummer telefono telefonocliente telefoon telefoonnummer telefone
		numerodetelephone numtelephone numertelefonu`,
	"names of people": `customername clientname buyername shoppername username fullname firstname lastname surname forename givenname familyname middlename contactname
		recipient recipientname shipname shiptoname shippingname billingname billname cardholder cardholdername kundenname nachname vorname empfanger empfaenger
		nomclient nomdefamille prenom nombrecliente apellido apellidos nomecliente cognome klantnaam voornaam achternaam sobrenome nazwisko imie`,
	"postal addresses": `address address1 address2 addressline addressline1 addressline2 street streetname streetaddress customeraddress postcode postalcode zip zipcode
		shipaddress shippostalcode shipzip shippingaddress shippingaddress1 shippingstreet shippingzip deliveryaddress billingaddress billingaddress1 billingstreet billingzip
		adresse strasse hausnummer anschrift plz postleitzahl lieferadresse rechnungsadresse rue codepostal adresselivraison direccion calle codigopostal indirizzo
		straat endereco ulica kodpocztowy`,
	"dates of birth":        `birthdate birthday dateofbirth dob geburtsdatum geburtstag datedenaissance fechanacimiento datadinascita geboortedatum`,
	"numbers of cards":      `cardnumber cardno creditcard creditcardnumber iban accountnumber bankaccount kontonummer kreditkarte`,
	"addresses of machines": `ip ipaddress clientip customerip userip remoteip remoteaddr browserip`,
}

// personalKind tells what a column's name says that it holds of a person; empty where it says nothing.
func personalKind(name string) string {
	key := plainName(name)
	for kind, words := range personalWords {
		if hasWord(words, key) {
			return kind
		}
	}
	return ""
}

// personal finds the columns whose values should be masked. Those that are mapped to nothing cannot be, and
// are told all the same.
func (in *inference) personal() {
	mapped := map[string]bool{}
	for i := range purchases {
		name := purchases[i].name
		column, ok := in.guess.Spec.Columns[name]
		if !ok {
			continue
		}
		mapped[column.Column] = true
		if confidence, why := in.isPersonal(name, column.Column); confidence > 0 {
			in.guess.Spec.PII = append(in.guess.Spec.PII, name)
			in.note(name, confidence, why, "pii", name)
		}
	}
	for i, header := range in.guess.Header {
		if mapped[header] {
			continue
		}
		if confidence, why := in.columns[i].looksPersonal(header); confidence > 0 {
			in.note(header, confidence, why+"; mapped to nothing, it is kept in extra, where only query shows it", "pii")
		}
	}
}

// isPersonal weighs a column that is mapped: who bought is a person whatever names it, any other column only
// if its values are.
func (in *inference) isPersonal(name, header string) (confidence float64, why string) {
	for i, h := range in.guess.Header {
		if h != header || purchases[canonicalIndex(name)].kind != textKind {
			continue
		}
		c := &in.columns[i]
		switch confidence, why = c.looksPersonal(header); {
		case name == "customer_id" && confidence == 0:
			return 0.8, fmt.Sprintf("%q tells customers apart, who are most often people", header)
		case name != "customer_id" && !c.mostly(c.emails):
			return 0, "" // numbers of invoices and products are written like those of telephones
		}
		return confidence, why
	}
	return 0, ""
}

// looksPersonal weighs the name of a column and what it holds.
func (c *columnStats) looksPersonal(header string) (confidence float64, why string) {
	kind := personalKind(header)
	switch {
	case c.mostly(c.emails):
		return 0.99, fmt.Sprintf("%s of the values of %q are e-mail addresses", percent(c.emails, c.values), header)
	case kind == "telephone numbers" && c.mostly(c.phones):
		return 0.97, fmt.Sprintf("%q means %s, and %s of its values are", header, kind, percent(c.phones, c.values))
	case kind != "" && c.values == 0:
		return 0.6, fmt.Sprintf("%q means %s, but the sample has no value", header, kind)
	case kind == "e-mail addresses": // which its values are not
		return 0.6, fmt.Sprintf("%q means %s, but only %s of its values are", header, kind, percent(c.emails, c.values))
	case kind != "":
		return 0.85, fmt.Sprintf("%q means %s", header, kind)
	}
	return 0, ""
}

// mostly tells whether so many values are more than half of all.
func (c *columnStats) mostly(n int64) bool { return n > 0 && 2*n > c.values }

// addPersonal counts a value that is no number among those that tell of a person.
func (c *columnStats) addPersonal(text string) {
	switch {
	case isEmail(text):
		c.emails++
	case isPhone(text):
		c.phones++
	}
}

// isEmail tells whether a text is written like an e-mail address.
func isEmail(text string) bool {
	user, host, ok := strings.Cut(text, "@")
	dot := strings.LastIndexByte(host, '.')
	return ok && user != "" && dot > 0 && dot < len(host)-2 && !strings.ContainsAny(text, " ,;<>\"") && !strings.Contains(host, "@")
}

// isPhone tells whether a text is written like a telephone number: 6 to 15 digits with what is put between them.
func isPhone(text string) bool {
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -./()", r):
		default:
			return false
		}
	}
	return digits >= 6 && digits <= 15
}
