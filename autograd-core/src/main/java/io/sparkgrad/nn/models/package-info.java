/** Ready networks, with the parameter names of their PyTorch counterparts. */
@NullMarked
package io.sparkgrad.nn.models;

import org.jspecify.annotations.NullMarked;
