package io.sparkgrad.spark

import io.sparkgrad.nn.{Linear, ReLU, Sequential}
import org.apache.spark.ml.Pipeline
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.apache.spark.ml.feature.{StandardScaler, VectorAssembler}
import org.apache.spark.ml.param.ParamMap
import org.apache.spark.sql.SparkSession
import org.scalatest.BeforeAndAfterAll
import org.scalatest.funsuite.AnyFunSuite

/** The estimator as a Scala user writes it. */
class AutogradClassifierSuite extends AnyFunSuite with BeforeAndAfterAll {
  private lazy val spark: SparkSession = ClusterOfThreads.session()

  override def afterAll(): Unit = spark.stop()

  private def points = {
    import spark.implicits._
    (0 until 80).map { i =>
      val label = i % 2
      (label * 2.0 - 1 + math.sin(i) * 0.3, 5.0 * label + math.cos(i), label)
    }.toDF("x", "y", "label")
  }

  test("a pipeline of assembler, scaler and network learns, and its fit takes a ParamMap") {
    // The README shows these lines.
    val assembler = new VectorAssembler().setInputCols(Array("x", "y")).setOutputCol("features")
    val scaler = new StandardScaler().setInputCol("features").setOutputCol("scaled")
    val net = new AutogradClassifier()
      .setNetwork(new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2)))
      .setFeaturesCol("scaled")
      .setMaxIter(20)
      .setBatchSize(8)
      .setLearningRate(0.05)
      .setNumWorkers(2)
    val pipeline = new Pipeline().setStages(Array(assembler, scaler, net))
    val model = pipeline.fit(points, ParamMap(net.maxIter -> 10))
    val accuracy = new MulticlassClassificationEvaluator()
      .setMetricName("accuracy")
      .evaluate(model.transform(points))
    assert(accuracy > 0.95)
    val fitted = model.stages.last.asInstanceOf[AutogradClassificationModel]
    assert(fitted.summary.epochs.size === 10)
    assert(fitted.uid === net.uid)
  }

  test("frozenLayers is a Param like any other") {
    val net = new AutogradClassifier().setFrozenLayers("0")
    assert(net.getOrDefault(net.frozenLayers) === Array("0"))
    assert(net.explainParam(net.frozenLayers).contains("not trained"))
    assert(net.copy(ParamMap(net.frozenLayers -> Array("2.bias"))).getFrozenLayers === Array("2.bias"))
  }
}
