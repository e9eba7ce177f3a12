// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.io.Serializable;
import java.util.UUID;

/** Where a fit's driver listens for progress. */
public record ProgressEndpoint(UUID fit, String host, int port) implements Serializable {}
