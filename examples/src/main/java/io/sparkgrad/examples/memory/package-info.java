/** Shows that training on more rows than fit in memory keeps within the memory it was given. */
@NullMarked
package io.sparkgrad.examples.memory;

import org.jspecify.annotations.NullMarked;
