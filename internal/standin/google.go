package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/stance-sec/stance/internal/standin/google"
)

func init() { commands["google"] = serveGoogle }

// serveGoogle serves the Google Cloud stand-in until it is interrupted. It prints
// the address, and with --credentials writes the authority's certificate and a
// file for each way to sign in.
func serveGoogle(args []string) error {
	flags := flag.NewFlagSet("standin google", flag.ContinueOnError)
	seedFile := flags.String("seed", "", "`file` to answer from, see docs/standins.md")
	listen := flags.String("listen", "127.0.0.1:8443", "`address` to serve on")
	synthetic := flags.Int("synthetic", 0, "generate so many `projects`")
	each := flags.Int("assets", 100, "assets of each generated project")
	page := flags.Int("page-size", 0, "most items of a page (0: what the client asks for)")
	credentials := flags.String("credentials", "", "`folder` for ca.pem and the sign-in files")
	check := flags.Bool("check", false, "check the seed and end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	seed := &google.Seed{}
	switch {
	case *seedFile != "":
		var err error
		if seed, err = google.ReadSeed(*seedFile); err != nil {
			return err
		}
	case *synthetic == 0:
		return errors.New("nothing to answer: give --seed FILE or --synthetic PROJECTS")
	}
	if *synthetic > 0 {
		seed.Synthetic = &google.Size{Projects: *synthetic, AssetsPerProject: *each}
	}
	options := google.Options{Listen: *listen, PageSize: *page}
	if *check {
		options.Listen = "127.0.0.1:0"
	}
	s, err := google.New(seed, options)
	if err != nil {
		return err
	}
	if *check {
		fmt.Println("the seed fits")
		return s.Close()
	}
	if *credentials != "" {
		if err := writeGoogleCredentials(s, *credentials); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	fmt.Printf("Google Cloud stand-in at %s (services by prefix: %s)\n", s.URL, s.Endpoint("compute"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	return s.Close()
}

func writeGoogleCredentials(s *google.Server, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for credentials: %w", err)
	}
	for _, write := range []func(string) (string, error){s.CAFile, s.ServiceAccountKey, s.ExternalAccount, s.AuthorizedUser} {
		path, err := write(dir)
		if err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}
