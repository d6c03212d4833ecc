package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/stance-sec/stance/internal/standin/azure"
)

func init() { commands["azure"] = runAzure }

// runAzure serves the Azure stand-in until it is interrupted and prints, as
// JSON, where it is and what a client needs to sign in.
func runAzure(args []string) error {
	fs := flag.NewFlagSet("standin azure", flag.ContinueOnError)
	seedFile := fs.String("seed", "", "`file` to answer from, see docs/standins.md")
	listen := fs.String("listen", "127.0.0.1:8443", "`address` to serve on")
	dir := fs.String("credentials", "", "`folder` for ca.pem, the client certificates and the federated tokens; a new one when empty")
	synth := fs.Int("synthetic", 0, "generate so many `subscriptions`")
	per := fs.Int("assets", 200, "assets of each generated subscription")
	page := fs.Int("page-size", 0, "most items of a page of a list (0: the seed's)")
	check := fs.Bool("check", false, "check the seed and end")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	var seed azure.Seed
	switch {
	case *seedFile != "":
		var err error
		if seed, err = azure.ReadSeedFile(*seedFile); err != nil {
			return err
		}
	case *synth > 0:
		seed = azure.SyntheticSeed()
	default:
		return errors.New("nothing to answer: give --seed FILE or --synthetic SUBSCRIPTIONS")
	}
	if *synth > 0 {
		seed.Synthetic = azure.Synthetic{Subscriptions: *synth, PerSubscription: *per}
	}
	opt := azure.Options{Listen: *listen, PageSize: *page}
	if *check {
		opt.Listen = "127.0.0.1:0"
	}
	s, err := azure.New(seed, opt)
	if err != nil {
		return err
	}
	if *check {
		fmt.Println("the seed fits")
		return s.Close()
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "stance-standin-azure-"); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
	}
	if err := describeAzure(s, seed, *dir); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	return s.Close()
}

func describeAzure(s *azure.Server, seed azure.Seed, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	ca, err := s.CAFile(dir)
	if err != nil {
		return err
	}
	endpoint, header := s.ManagedIdentity()
	out := map[string]any{
		"authority": s.URL() + "/", "resourceManager": s.URL() + "/arm", "microsoftGraph": s.URL() + "/graph", "logs": s.URL() + "/logs",
		"caFile": ca, "tenant": seed.Tenant.ID, "identityEndpoint": endpoint, "identityHeader": header,
	}
	var clients []any
	for _, p := range seed.Principals {
		c := map[string]any{"clientId": p.ClientID, "secret": p.Secret}
		sub := filepath.Join(dir, p.ClientID)
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		if p.Certificate {
			if c["certificate"], err = s.Certificate(sub, p.ClientID); err != nil {
				return err
			}
		}
		if p.Federated {
			if c["federatedTokenFile"], err = s.FederatedToken(sub, p.ClientID); err != nil {
				return err
			}
		}
		clients = append(clients, c)
	}
	out["clients"] = clients
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("print the addresses: %w", err)
	}
	return nil
}
