/** Saves and loads fitted models; the only home of Spark's own metadata reader and writer. */
@NullMarked
package io.sparkgrad.spark.persist;

import org.jspecify.annotations.NullMarked;
