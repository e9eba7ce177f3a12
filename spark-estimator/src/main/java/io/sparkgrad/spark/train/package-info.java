/**
 * Synchronous data-parallel training: the plan the driver makes, the barrier stage, and the loop of
 * one worker.
 */
@NullMarked
package io.sparkgrad.spark.train;

import org.jspecify.annotations.NullMarked;
