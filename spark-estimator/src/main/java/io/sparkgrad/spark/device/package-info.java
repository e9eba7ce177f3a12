// SPDX-License-Identifier: Apache-2.0
/** Which device a task computes on: what the Param asks for, and what Spark gave the task. */
@NullMarked
package io.sparkgrad.spark.device;

import org.jspecify.annotations.NullMarked;
