/** Optimisers with the formulas and defaults of {@code torch.optim}. */
@NullMarked
package io.sparkgrad.optim;

import org.jspecify.annotations.NullMarked;
