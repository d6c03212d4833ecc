package google

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkListAssets reads pages of a thousand generated assets without the
// network; memory held does not depend on the number of projects.
func BenchmarkListAssets(b *testing.B) {
	s, err := New(Synthetic(1000, 100), Options{Tokens: []string{"t"}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	token := ""
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/cloudasset/v1/"+syntheticOrganization+"/assets?contentType=RESOURCE&pageSize=1000&pageToken="+url.QueryEscape(token), nil)
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
		text, err := io.ReadAll(w.Body)
		if err != nil {
			b.Fatal(err)
		}
		// Members are sorted, so that the token stands between the items and the
		// read time.
		token = ""
		if at := strings.LastIndex(string(text), `"nextPageToken":"`); at >= 0 {
			token, _, _ = strings.Cut(string(text[at+len(`"nextPageToken":"`):]), `"`)
		}
	}
}
