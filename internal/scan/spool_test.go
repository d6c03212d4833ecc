package scan

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestSpoolKeepsAll holds that every asset comes back as it was put, in the part
// of its account, however the accounts are mixed, also where one is larger than
// the buffer and where an account was not announced.
func TestSpoolKeepsAll(t *testing.T) {
	dir := t.TempDir()
	var accounts []string
	for i := range 41 {
		accounts = append(accounts, fmt.Sprintf("account-%02d", i))
	}
	s, err := newSpool(dir, accounts)
	if err != nil {
		t.Fatal(err)
	}
	accounts = append(accounts, "late")
	want := map[string][]*model.Asset{}
	for i := range 4000 {
		account := accounts[i*i%len(accounts)]
		text := strings.Repeat(fmt.Sprint(i, " "), 500)
		if i == 1234 {
			text = strings.Repeat("large ", spoolBuffer/4)
		}
		a := &model.Asset{
			ID: fmt.Sprintf("asset-%04d", i), Type: "AWS::S3::Bucket", Scope: model.Scope{Provider: model.AWS, Account: account},
			Config: model.Document{"Name": text, "Number": int64(i)},
		}
		want[account] = append(want[account], a)
		if err := s.put(a); err != nil {
			t.Fatal(err)
		}
		if got := cap(s.buf); got > 2*spoolBuffer && i != 1234 {
			t.Fatalf("after %d assets %d bytes wait", i+1, got)
		}
	}
	if s.end == 0 {
		t.Error("nothing is in the file")
	}
	for _, p := range s.parts {
		assets, err := s.read(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(assets) != p.assets || !slices.IsSortedFunc(assets, func(a, b *model.Asset) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("part %d: %d assets of %d, sorted or not", p.no, len(assets), p.assets)
		}
		got := map[string][]*model.Asset{}
		for _, a := range assets {
			got[a.Scope.Account] = append(got[a.Scope.Account], a)
		}
		for _, account := range p.accounts {
			if diff := cmp.Diff(want[account], got[account]); diff != "" {
				t.Errorf("%s (-put +read):\n%.2000s", account, diff)
			}
			delete(want, account)
		}
	}
	for account := range want {
		t.Errorf("%s is in no part", account)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestSpoolOfDamage holds that a file which is not what was written is an error
// and no smaller estate.
func TestSpoolOfDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(s *spool) error
	}{
		{"cut off", func(s *spool) error { return s.file.Truncate(s.end / 2) }},
		{"chain cut", func(s *spool) error { s.parts[0].last = 0; return nil }},
		{"other bytes", func(s *spool) error { _, err := s.file.WriteAt(make([]byte, 64), spoolHead); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := newSpool(t.TempDir(), []string{"a"})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close() //nolint:errcheck // of a test
			for i := range 50 {
				if err := s.put(&model.Asset{ID: fmt.Sprint(i), Scope: model.Scope{Account: "a"}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.flush(); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(s); err != nil {
				t.Fatal(err)
			}
			if assets, err := s.read(s.parts[0]); err == nil {
				t.Errorf("%d assets and no error", len(assets))
			}
		})
	}
}
