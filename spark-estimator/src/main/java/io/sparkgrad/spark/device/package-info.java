// SPDX-License-Identifier: Apache-2.0
/**
 * Which device a task computes on: what the Param asks for, and what Spark gave the task; and what
 * becomes of batches that it has no memory for.
 */
@NullMarked
package io.sparkgrad.spark.device;

import org.jspecify.annotations.NullMarked;
