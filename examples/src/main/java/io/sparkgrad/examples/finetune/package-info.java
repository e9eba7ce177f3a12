/** The main example: a pretrained network, fine-tuned on images in a Spark ML pipeline. */
@NullMarked
package io.sparkgrad.examples.finetune;

import org.jspecify.annotations.NullMarked;
