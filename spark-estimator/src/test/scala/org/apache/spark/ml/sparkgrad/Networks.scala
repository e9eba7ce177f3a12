package org.apache.spark.ml.sparkgrad

import io.sparkgrad.nn.{Linear, Module, ReLU, Sequential, Sigmoid}

import io.sparkgrad.spark.{AutogradClassificationModel, AutogradClassifier, AutogradRegressor}

/** Networks of the sizes that Spark's own suites train. */
object Networks {

  /** As the layers of Spark's MultilayerPerceptronClassifier: sigmoid between linear maps. */
  def sigmoids(sizes: Int*): Module = layers(sizes, () => new Sigmoid())

  def relus(sizes: Int*): Module = layers(sizes, () => new ReLU())

  private def layers(sizes: Seq[Int], between: () => Module): Module = {
    val linear = sizes.zip(sizes.tail).map { case (in, out) => new Linear(in, out): Module }
    new Sequential(linear.flatMap(l => Seq(between(), l)).tail: _*)
  }

  def classifier(sizes: Int*): AutogradClassifier =
    new AutogradClassifier().setNetwork(sigmoids(sizes: _*)).setSeed(123L)

  /** All rows in one batch, as Spark's solvers take them. */
  def fullBatch(sizes: Int*): AutogradClassifier =
    classifier(sizes: _*).setBatchSize(100000).setShuffle(false)

  def regressor(sizes: Int*): AutogradRegressor =
    new AutogradRegressor()
      .setNetwork(relus(sizes: _*))
      .setSeed(123L)
      .setBatchSize(100000)
      .setShuffle(false)

  def weights(model: AutogradClassificationModel): Map[String, Seq[Float]] = values(model.module)

  def values(network: Module): Map[String, Seq[Float]] = {
    import scala.jdk.CollectionConverters._
    network.stateDict.asScala.map { case (name, t) => name -> t.toFloatArray.toSeq }.toMap
  }
}
