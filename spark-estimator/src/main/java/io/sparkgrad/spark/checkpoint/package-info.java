/**
 * What training writes down so that it can go on elsewhere: one safetensors file per checkpoint, on
 * any Hadoop file system, complete or not there, checked when it is read.
 */
@NullMarked
package io.sparkgrad.spark.checkpoint;

import org.jspecify.annotations.NullMarked;
