package gcp

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestSpool holds that what is put can be had, in memory and on disk, and that
// the file is gone in the end.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := newSpool(dir)
		s.limit = rapid.SampledFrom([]int{0, 100, 1 << 20}).Draw(t, "limit")
		want := map[string]string{}
		for range rapid.IntRange(0, 50).Draw(t, "n") {
			name := rapid.StringN(0, 6, 12).Draw(t, "name")
			policy := rapid.StringN(0, 40, 80).Draw(t, "policy")
			if err := s.put(name, []byte(policy)); err != nil {
				t.Fatal(err)
			}
			want[name] = policy
			if rapid.IntRange(0, 9).Draw(t, "ask") == 0 {
				if got, ok, err := s.get(name); err != nil || !ok || string(got) != policy {
					t.Fatalf("get(%q) = %q, %v, %v", name, got, ok, err)
				}
			}
		}
		for name, policy := range want {
			if got, ok, err := s.get(name); err != nil || !ok || string(got) != policy {
				t.Fatalf("get(%q) = %q, %v, %v; want %q", name, got, ok, err, policy)
			}
		}
		if _, ok, err := s.get("never put in"); ok || err != nil {
			t.Fatalf("found what was never put in: %v", err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestSpoolBounded holds that what stays in memory does not grow with the number
// of policies.
func TestSpoolBounded(t *testing.T) {
	s := newSpool(t.TempDir())
	defer s.close() //nolint:errcheck // of a test
	s.limit = 1 << 16
	policy := make([]byte, 200)
	for i := range 50_000 {
		if err := s.put(fmt.Sprintf("//storage.googleapis.com/bucket-%d", i), policy); err != nil {
			t.Fatal(err)
		}
		if held := cap(s.memory) + cap(s.buffer); held > 2*spoolBuffer+1<<17 {
			t.Fatalf("%d bytes in memory after %d policies", held, i)
		}
	}
	if _, ok, err := s.get("//storage.googleapis.com/bucket-31415"); !ok || err != nil {
		t.Errorf("lost: %v", err)
	}
}

// TestSpoolWithoutDisk holds that a disk that cannot be written is an error.
func TestSpoolWithoutDisk(t *testing.T) {
	s := newSpool("/nowhere/at/all")
	s.limit = 0
	if err := s.put("a", []byte("b")); err == nil {
		t.Error("no error")
	}
}
