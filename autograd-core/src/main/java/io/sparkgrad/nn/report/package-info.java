/**
 * Answers, for a loss and a module, which parameters receive a gradient and why the others do not:
 * as text, as Graphviz DOT and as SVG.
 */
@NullMarked
package io.sparkgrad.nn.report;

import org.jspecify.annotations.NullMarked;
