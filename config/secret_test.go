package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const canary = "c4n4ry"

// ways are all the ways a value commonly reaches a log, a screen or a file.
func ways(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	out["pointer"] = fmt.Sprintf("%+v", &v)
	out["inside"] = fmt.Sprintf("%#v", struct{ S any }{v})
	j, err := json.Marshal(v)
	out["json"] = fmt.Sprint(string(j), err)
	y, err := yaml.Marshal(v)
	out["yaml"] = fmt.Sprint(string(y), err)
	var text, asJSON bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("x", "v", v)
	out["slog text"], out["slog json"] = text.String(), asJSON.String()
	out["error"] = fmt.Errorf("open %v: %w", v, errors.ErrUnsupported).Error()
	return out
}

func TestSecretsNeverShow(t *testing.T) {
	for name, v := range map[string]any{
		"secret":              NewSecret(canary),
		"url":                 NewDSN("postgres://etl:" + canary + "@db.example:5432/staging?sslmode=verify-full"),
		"url, @ in password":  NewDSN("postgres://etl:x@" + canary + "@db.example/staging"),
		"url, / in password":  NewDSN("postgres://etl:a/" + canary + "@db.example/staging"),
		"url, query":          NewDSN("postgres://db.example/staging?password=" + canary + "&sslmode=require"),
		"words":               NewDSN("host=db user=etl password=" + canary + " dbname=x"),
		"words with quotes":   NewDSN("host=db password='a b " + canary + "' dbname=x"),
		"words, odd spacing":  NewDSN("host=db PASSWORD = " + canary),
		"a struct of secrets": struct{ A, B any }{NewSecret(canary), Database{URL: NewDSN("postgres://u:" + canary + "@h/d")}},
		"a source's query":    NewDSN("https://shop.example/api?token=" + canary),
		"a map":               map[string]Secret{"k": NewSecret(canary)},
	} {
		for way, shown := range ways(v) {
			if strings.Contains(shown, canary) || strings.Contains(shown, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s by %s shows the secret: %s", name, way, shown)
			}
		}
	}
	if NewSecret(canary).Reveal() != canary || NewSecret("").String() != "" {
		t.Error("the secret itself is lost")
	}
}

func TestMaskKeepsTheRest(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://etl:pw@db/x?sslmode=require":   "postgres://etl:***@db/x?sslmode=require",
		"postgres://etl@db:5432/x?application=a@b": "postgres://etl@db:5432/x?application=a@b",
		"host=db user=etl password=x dbname=y":     "host=db user=etl password=*** dbname=y",
		"s3://bucket/prefix":                       "s3://bucket/prefix",
		"local":                                    "local",
		"see https://a:b@c/d and e":                "see https://a:***@c/d and e",
		"data/*.csv.gz":                            "data/*.csv.gz",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestSettingsAndErrorsHideSecrets plants secrets wherever a file can hold them.
func TestSettingsAndErrorsHideSecrets(t *testing.T) {
	text := "staging: {url: 'postgres://u:" + canary + "@h/d'}\nlake: {url: 's3://k:" + canary + "@b'}\nnifi: {url: 'https://u:" + canary + "@h'}\n"
	c, err := loadIn(write(t, text, 0o600), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v", c.Settings(), c.Warnings())
	if strings.Contains(shown, canary) {
		t.Errorf("shown: %s", shown)
	}
	for _, bad := range []string{
		"staging: {max_conns: 'postgres://u:" + canary + "@h/d'}\n",
		"base_currency: 'https://u:" + canary + "@h'\n",
		"engines: {ingest: 'postgres://u:" + canary + "@h/d'}\n",
		"staging: {url: 'mysql://u:" + canary + "@h/d'}\n",
		"staging: {password: " + canary + "}\n",
	} {
		_, err := loadIn(write(t, bad, 0o600), nil)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

func TestLiteralSecretInAnOpenFile(t *testing.T) {
	text := "staging:\n  url: postgres://etl:hunter2@db.example/staging\n"
	_, err := loadIn(write(t, text, 0o644), nil)
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), "penstock.yaml:2:8: staging.url: a password stands here, and others can read this file (mode 0644)") {
		t.Errorf("got %v", err)
	}
	c, err := loadIn(write(t, text, 0o600), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Warnings(); len(w) != 1 || w[0].Message != "a password stands here" {
		t.Errorf("warnings %v", w)
	}
	t.Run("in a profile nobody chose", func(t *testing.T) {
		_, err := loadIn(write(t, "profiles:\n  p:\n    staging: {url: 'postgres://u:pw@h/d'}\n", 0o640), nil)
		if !errors.As(err, &e) || !strings.Contains(e.Error(), "penstock.yaml:3:20: profiles.p.staging.url: a password stands here") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("behind a variable", func(t *testing.T) {
		c, err := loadIn(write(t, "staging: {url: '${DB_URL}'}\n", 0o644), func(o *Options) { o.Env = []string{"DB_URL=postgres://u:pw@h/d"} })
		if err != nil {
			t.Fatal(err)
		}
		if c.Staging.URL.Reveal() != "postgres://u:pw@h/d" || len(c.Warnings()) != 1 {
			t.Errorf("url %v, warnings %v", c.Staging.URL, c.Warnings())
		}
	})
}
