package main

import (
	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// printing is a logger that writes everything to standard error.
func printing() logr.Logger {
	return zap.New(zap.UseDevMode(true))
}
