package azure

import "testing"

// A start with a cold catalogue: the modules' calls, and the models that a
// seed needs.
func BenchmarkCatalogue(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c, err := loadVendor()
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range c.modules {
			if err := m.load(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
