/**
 * What synchronous training would gain on more machines than there are here: a model of its costs.
 */
@NullMarked
package io.sparkgrad.examples.scaling;

import org.jspecify.annotations.NullMarked;
