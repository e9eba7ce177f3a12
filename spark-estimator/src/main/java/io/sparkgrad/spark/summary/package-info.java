/** What a fit tells of itself: numbers of each epoch, while it runs and in the model's summary. */
@NullMarked
package io.sparkgrad.spark.summary;

import org.jspecify.annotations.NullMarked;
