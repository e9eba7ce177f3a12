// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.checkpoint.CheckpointLocation;
import io.sparkgrad.spark.checkpoint.CheckpointPolicy;
import io.sparkgrad.spark.checkpoint.FitIdentity;
import java.io.Serializable;

/** Where a fit is written down, how often, and by what it is known again. */
public record CheckpointRecord(
    CheckpointLocation location, CheckpointPolicy policy, FitIdentity identity)
    implements Serializable {}
