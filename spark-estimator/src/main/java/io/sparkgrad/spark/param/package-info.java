/**
 * Params, each declared once with its doc, validator and default, for estimators and models alike.
 */
@NullMarked
package io.sparkgrad.spark.param;

import org.jspecify.annotations.NullMarked;
