/**
 * From DataFrame columns to float32 rows: checks the schema, reads each row once, names what is
 * wrong with it.
 */
@NullMarked
package io.sparkgrad.spark.data;

import org.jspecify.annotations.NullMarked;
