package gcp

import (
	sqladmin "google.golang.org/api/sqladmin/v1"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "cloudsql", Types: []Type{
		// https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1
		{Name: "sqladmin.googleapis.com/Instance", Class: "database", Item: sqladmin.DatabaseInstance{}, Side: []Read{{
			Member: "users",
			Call: Call{
				API: "sqladmin", Method: "users.list", Permission: "cloudsql.users.list",
				Path: "v1/{name}/users", Items: "items", Item: sqladmin.User{},
			},
			// A replica has the users of its primary.
			When: func(doc model.Document) bool { return doc["instanceType"] != "READ_REPLICA_INSTANCE" },
		}}, Secret: []string{"users[].password", "rootPassword", "replicaConfiguration.mysqlReplicaConfiguration.password"}},
		{Name: "sqladmin.googleapis.com/BackupRun", Class: "backup", Item: sqladmin.BackupRun{}, Created: "startTime"},
	}})
}
