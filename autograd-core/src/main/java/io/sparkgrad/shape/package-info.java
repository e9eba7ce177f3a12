/** Arithmetic on dimensions: shapes, axes and broadcasting. Holds no data and knows no device. */
@NullMarked
package io.sparkgrad.shape;

import org.jspecify.annotations.NullMarked;
