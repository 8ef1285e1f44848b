package source

import (
	"strings"
	"unicode"
)

// headerWords are the names that files give to the canonical columns, in
// several languages, without accents, spaces and punctuation. The first words
// of a line say most; those after the | are used for other things too.
var headerWords = map[string]string{
	"invoice_no": `invoiceno invoice invoiceid invoicenumber orderid orderno ordernumber ordernr order transactionid transactionno receiptno receiptnumber
		saleid bestellnummer bestellnr bestellid auftragsnummer auftragsnr rechnungsnummer rechnungsnr belegnummer belegnr commande numerocommande numcommande
		nocommande idcommande facture numerofacture nofacture pedido numeropedido nropedido idpedido factura numerofactura nrofactura ordine numeroordine idordine
		fattura numerofattura bestelnummer ordernummer factuurnummer encomenda numeroencomenda fatura zamowienie numerzamowienia nrzamowienia nrfaktury
		| transaction receipt sale ticket basketid checkoutid documentno bon`,
	"line_no": `lineno linenumber lineid orderlineid orderlineno orderitemid invoiceline lineitemid positionsnummer posnr zeilennummer numeroligne noligne numerolinea
		numeroriga regelnummer numerlinii | line itemno position pos zeile ligne linea riga regel seq`,
	"product_code": `stockcode productid productcode productno productnumber productsku sku itemcode itemid itemsku articleno articlenumber articleid articlecode artikelnummer
		artikelnr artikelid artikelcode produktnummer produktid produktcode referencearticle codearticle codeproduit refproduit idproduit codigoproducto codigoarticulo idproducto
		codiceprodotto codicearticolo idprodotto productnummer codigoproduto kodproduktu kodtowaru asin ean gtin upc partnumber variantsku lineitemsku
		| item article artikel reference ref codigo codice material`,
	"description": `description productdescription itemdescription productname itemname articlename bezeichnung artikelbezeichnung beschreibung artikelname produktname
		designation libelle nomproduit descripcion nombreproducto descrizione nomeprodotto omschrijving productomschrijving descricao nomeproduto opis nazwaproduktu lineitemname
		| product name title producto prodotto produto produkt nazwa`,
	"quantity": `quantity qty orderqty quantityordered qtyordered orderquantity units unitssold pieces pcs menge anzahl stuckzahl stueckzahl stuck stueck quantite qte
		cantidad cant unidades quantita qta pezzi aantal hoeveelheid quantidade qtd qtde ilosc lineitemquantity | count amountordered stk volume`,
	"unit_price": `unitprice price priceeach itemprice sellingprice saleprice priceperunit einzelpreis stuckpreis stueckpreis preis verkaufspreis prixunitaire prix puht
		preciounitario precio prezzounitario prezzo stuksprijs eenheidsprijs prijs precounitario preco cenajednostkowa cena lineitemprice | rate unitcost pu vk`,
	"discount_rate": `discountrate discountpercent discountpct discountpercentage rabattprozent rabattsatz rabattinprozent tauxremise remisepourcent porcentajedescuento
		percentualesconto kortingspercentage`,
	"discount": `discount discountamount lineitemdiscount rabatt rabattbetrag nachlass remise montantremise descuento sconto korting desconto rabat`,
	"tax":      `tax taxamount salestax vat vatamount mwst mwstbetrag ust umsatzsteuer steuer steuerbetrag tva montanttva iva importeiva importoiva btw btwbedrag imposto podatek taxes`,
	"currency": `currency currencycode ccy waehrung wahrung waehrungscode devise moneda divisa valuta moeda waluta`,
	"ordered_at": `invoicedate invoicedatetime orderdate orderdatetime ordertime orderedat ordered orderts ordertimestamp orderpurchasetimestamp purchasedate purchasedat transactiondate
		transactiontime transactiondatetime saledate placedat bestelldatum bestellzeit auftragsdatum rechnungsdatum kaufdatum belegdatum datecommande datefacture fechapedido fechafactura
		fechacompra dataordine datafattura besteldatum factuurdatum orderdatum datapedido datacompra datazamowienia datafaktury
		| date datetime timestamp createdat created createddate time datum fecha data paidat`,
	"updated_at": `updatedat updated updateddate modifiedat modified modifieddate lastmodified lastupdated changedat geandertam geaendertam modifiele misajour actualizado
		fechaactualizacion aggiornato gewijzigd atualizado zmodyfikowano`,
	"customer_id": `customerid customerno customernumber customercode custid custno clientid clientno userid buyerid shopperid memberid accountid kundennummer kundennr kundenid
		idclient numeroclient noclient codeclient idcliente codigocliente numerocliente codicecliente klantnummer klantid klantnr idklienta nrklienta
		| customer client user buyer account kunde cliente klant klient email customeremail member`,
	"country": `country countrycode countryname shipcountry shippingcountry billingcountry customercountry deliverycountry land lieferland rechnungsland pays paysclient
		pais paisenvio paese nazione kraj krajwysylki | region market`,
	"channel": `channel saleschannel orderchannel salechannel vertriebskanal verkaufskanal canal canalvente canalventa canale verkoopkanaal kanal kanaal kanalsprzedazy | source platform marketplace store shop`,
	"status":  `status orderstatus invoicestatus paymentstatus financialstatus bestellstatus auftragsstatus statut statutcommande estado estadopedido statoordine orderstate statuszamowienia | state stato zustand`,
}

// canonicalFor finds the canonical column that a header name means. sure tells
// that the name means nothing else.
func canonicalFor(name string) (canonical string, sure bool) {
	key := plainName(name)
	if key == "" {
		return "", false
	}
	for _, column := range Columns() {
		strong, weak, _ := strings.Cut(headerWords[column], "|")
		if key == plainName(column) || hasWord(strong, key) {
			return column, true
		}
		if hasWord(weak, key) {
			canonical = column
		}
	}
	return canonical, false
}

func hasWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// plainName drops case, accents, spaces and punctuation: "N° de commande" is
// ndecommande.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		switch r {
		case 'ä', 'á', 'à', 'â', 'ã', 'å', 'ą':
			return 'a'
		case 'é', 'è', 'ê', 'ë', 'ę':
			return 'e'
		case 'í', 'ì', 'î', 'ï':
			return 'i'
		case 'ö', 'ó', 'ò', 'ô', 'õ', 'ø':
			return 'o'
		case 'ü', 'ú', 'ù', 'û':
			return 'u'
		case 'ç', 'ć':
			return 'c'
		case 'ñ', 'ń':
			return 'n'
		case 'ś', 'ß':
			return 's'
		case 'ł':
			return 'l'
		case 'ż', 'ź':
			return 'z'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}
