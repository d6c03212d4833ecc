// Package google is a stand-in for Google Cloud: a server that speaks the REST
// wire of every service whose discovery document ships with the module
// google.golang.org/api, and answers from a seed.
//
// Nothing about a method is written here by hand: verb, path, parameters, paging
// and the shape of answers come from the discovery documents when the stand-in
// starts, and every seed is checked against them. What has code of its own is
// what several reads share: Cloud Asset Inventory over the seeded assets, the
// tree of Cloud Resource Manager, and sign-in.
//
// What is not seeded is denied in Google's error form with the permission named,
// never answered with an empty list. The stand-in does not evaluate IAM policies,
// does not change anything, and knows nothing of Stance.
//
// Services are told apart by host (compute.googleapis.com) or, where the host is
// the stand-in's own, by the first segment of the path:
// https://127.0.0.1:8443/compute/compute/v1/projects/… is the path
// /compute/v1/projects/… of the host compute.googleapis.com.
package google
