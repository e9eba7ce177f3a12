/**
 * What the driver makes of a fit while it runs: events for Spark's listeners, and for people a bar
 * on their terminal or lines in the log.
 */
@NullMarked
package io.sparkgrad.spark.progress;

import org.jspecify.annotations.NullMarked;
