package org.apache.spark.ml.sparkgrad

import java.util.concurrent.atomic.AtomicInteger

import io.sparkgrad.spark._
import org.apache.spark.ml.{Estimator, Model, Pipeline, PipelineModel, PipelineStage}
import org.apache.spark.ml.feature.{StringIndexer, VectorAssembler}
import org.apache.spark.ml.linalg.{Vector, Vectors}
import org.apache.spark.ml.param._
import org.apache.spark.ml.util._
import org.apache.spark.scheduler.{SparkListener, SparkListenerJobStart}
import org.apache.spark.sql.DataFrame

/** Hears of jobs. */
private class CountedJobs extends SparkListener {
  val count = new AtomicInteger
  override def onJobStart(job: SparkListenerJobStart): Unit = count.incrementAndGet()
}

/** What Spark demands of every stage, by Spark's own checks. */
class StageSuite extends MLTest with DefaultReadWriteTest {
  import testImplicits._

  private lazy val data: DataFrame = Seq(
    (Vectors.dense(0.0, 0.0), 0.0, 1.0, true),
    (Vectors.dense(0.0, 1.0), 1.0, 2.0, false),
    (Vectors.dense(1.0, 0.0), 1.0, 1.0, false),
    (Vectors.dense(1.0, 1.0), 0.0, 0.5, false)
  ).toDF("features", "label", "weight", "held")

  private def classifier = Networks.classifier(2, 3, 2).setMaxIter(2)
  private def regressor = Networks.regressor(2, 3, 1).setMaxIter(2)
  private def generic =
    new AutogradEstimator().setNetwork(Networks.relus(2, 3, 1)).setMaxIter(2).setSeed(1L)

  private def estimators: Seq[Estimator[_]] = Seq(classifier, regressor, generic)
  private def models: Seq[Model[_]] =
    Seq(classifier.fit(data), regressor.fit(data), generic.fit(data))

  test("Params are named, ordered and copied as Spark wants them") {
    (estimators ++ models).foreach {
      case stage: Params => ParamsSuite.checkParams(stage)
    }
  }

  test("models have the uid and the parent of their estimator, also when copied") {
    val c = classifier
    MLTestingUtils.checkCopyAndUids(c, c.fit(data))
    val r = regressor
    MLTestingUtils.checkCopyAndUids(r, r.fit(data))
    val g = generic
    MLTestingUtils.checkCopyAndUids(g, g.fit(data))
  }

  test("read and write: classifier") {
    val params = Map[String, Any](
      "maxIter" -> 3,
      "thresholds" -> Array(0.4, 0.6),
      "frozenLayers" -> Array("0"),
      "predictionCol" -> "p",
      "inferenceBatchSize" -> 3,
      "learningRate" -> 0.1)
    val ofModel = params -- Seq("maxIter", "learningRate")
    testEstimatorAndModelReadWrite[AutogradClassifier, AutogradClassificationModel](
      Networks.classifier(2, 3, 2),
      data,
      params,
      ofModel,
      (a, b) => {
        assert(Networks.weights(a) === Networks.weights(b))
        assert(a.summary.toJson === b.summary.toJson)
        assert(a.numClasses === b.numClasses)
      })
  }

  test("read and write: regressor") {
    testEstimatorAndModelReadWrite[AutogradRegressor, AutogradRegressionModel](
      Networks.regressor(2, 3, 1),
      data,
      Map("maxIter" -> 3, "predictionCol" -> "p"),
      Map("predictionCol" -> "p"),
      (a, b) => assert(Networks.values(a.module) === Networks.values(b.module)))
  }

  test("read and write: any network") {
    testEstimatorAndModelReadWrite[AutogradEstimator, AutogradModel](
      new AutogradEstimator().setNetwork(Networks.relus(2, 3, 1)),
      data,
      Map("maxIter" -> 3, "outputType" -> "array"),
      Map("outputType" -> "array"),
      (a, b) => assert(Networks.values(a.module) === Networks.values(b.module)))
  }

  test("every Param of every stage is set, read back, explained, saved and loaded") {
    (estimators ++ models).foreach { stage =>
      val full = stage.copy(ParamMap.empty).asInstanceOf[Params with MLWritable]
      full.params.foreach { p =>
        val param = p.asInstanceOf[Param[Any]]
        full.set(param, example(param, full))
        assert(full.isSet(param) && full.getOrDefault(param) != null)
        assert(full.explainParam(param).startsWith(s"${param.name}: "), param.name)
        val getter = s"get${param.name.capitalize}"
        val got = full.getClass.getMethod(getter).invoke(full)
        assert(got === full.getOrDefault(param), getter)
        full.getClass.getMethods
          .find(m => m.getName == s"set${param.name.capitalize}" && m.getParameterCount == 1 &&
            setterTakes(m.getParameterTypes.head, got))
          .foreach(m => assert(m.invoke(full, got) eq full, param.name))
      }
      testDefaultReadWrite(full)
    }
  }

  private def setterTakes(parameter: Class[_], value: Any): Boolean =
    parameter.isPrimitive || parameter.isInstance(value)

  /** A value that the Param takes and that is not its default. */
  private def example(param: Param[Any], stage: Params): Any = {
    val current = if (stage.isDefined(param)) stage.getOrDefault(param) else null
    val candidates: Seq[Any] = (param: Any) match {
      case _ if param.name == "network" =>
        Seq(io.sparkgrad.nn.Architecture.toJson(Networks.relus(2, 7, 1)))
      case _: IntParam => Seq(7)
      case _: LongParam => Seq(7L)
      case _: BooleanParam => Seq(true, false)
      case _: DoubleParam => Seq(0.25, 3.5)
      case _: StringArrayParam => Seq(Array("x=1", "y=2"))
      case _: DoubleArrayParam => Seq(Array(0.25, 0.75))
      case _: IntArrayParam => Seq(Array(2, 3))
      case _: io.sparkgrad.spark.param.ShapesParam => Seq(Array(Array(2), Array(3, 4)))
      case _: io.sparkgrad.spark.param.BytesParam => Seq(Array[Byte](1, -2, 3))
      case _ =>
        Seq("other", "gpu", "on", "nll", "l1", "array", "values", "sgd", "cosine", "step", "skip", "bf16", "split")
    }
    candidates
      .find(v => v != current && param.isValid(v))
      .getOrElse(fail(s"no example for ${param.name}"))
  }

  test("a Param does not take what its doc excludes") {
    val c = classifier
    Seq("maxIter" -> 0, "batchSize" -> -1, "numWorkers" -> 0, "inferenceBatchSize" -> 0,
      "patience" -> -1, "cpusPerWorker" -> 0).foreach {
      case (name, value) =>
        intercept[IllegalArgumentException](c.set(c.getParam(name), value))
    }
    Seq("learningRate" -> 0.0, "momentum" -> 1.0, "validationFraction" -> 1.0,
      "labelSmoothing" -> 1.5, "gradientClipNorm" -> -1.0, "scheduleGamma" -> 0.0,
      "gpusPerWorker" -> 0.0, "gpusPerWorker" -> 2.0).foreach {
      case (name, value) =>
        intercept[IllegalArgumentException](c.set(c.getParam(name), value))
    }
    Seq("optimizer", "schedule", "loss", "device", "cacheFrozenFeatures",
      "checkpointUnit", "onNonFinite", "gradientCompression").foreach { name =>
      intercept[IllegalArgumentException](c.set(c.getParam(name), "nonsense"))
    }
    intercept[IllegalArgumentException](c.setThresholds(0.0, 0.0))
    intercept[IllegalArgumentException](c.setClassWeights(1.0, -1.0))
  }

  test("pipelines of our stages are saved, loaded and give the same") {
    val flat = Seq((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
      .toDF("a", "b", "label")
    val assembler = new VectorAssembler().setInputCols(Array("a", "b")).setOutputCol("features")
    val pipeline = new Pipeline().setStages(Array[PipelineStage](assembler, classifier))
    val loaded = testDefaultReadWrite(pipeline, testParams = false)
    val model = loaded.fit(flat)
    MLTestingUtils.checkCopyAndUids(loaded, model)
    val model2: PipelineModel = testDefaultReadWrite(model, testParams = false)
    assert(model.transform(flat).collect() === model2.transform(flat).collect())
    testTransformerByGlobalCheckFunc[(Double, Double, Double)](flat, model2, "prediction") { rows =>
      assert(rows.size === 4)
    }
  }

  test("a pipeline whose stages cannot work is refused before any is fitted") {
    val indexer = new StringIndexer().setInputCol("label").setOutputCol("index")
    def refused(stage: PipelineStage): String = {
      val pipeline = new Pipeline().setStages(Array[PipelineStage](indexer, stage))
      val jobs = new CountedJobs
      spark.sparkContext.addSparkListener(jobs)
      try {
        val message = intercept[IllegalArgumentException](pipeline.fit(data)).getMessage
        spark.sparkContext.listenerBus.waitUntilEmpty()
        assert(jobs.count.get === 0)
        message
      } finally {
        spark.sparkContext.removeSparkListener(jobs)
      }
    }
    assert(refused(classifier.setFeaturesCol("nowhere")).contains("nowhere"))
    assert(refused(classifier.setLabelCol("features")).contains("features"))
    assert(refused(classifier.setPredictionCol("weight")).contains("weight"))
  }

  test("labels and weights of every numeric type give the same model, strings are refused") {
    MLTestingUtils.checkNumericTypes[AutogradClassificationModel, AutogradClassifier](
      Networks.classifier(3, 2).setMaxIter(2).setNumWorkers(2), spark) { (expected, actual) =>
      assert(Networks.weights(expected) === Networks.weights(actual))
    }
    MLTestingUtils.checkNumericTypes[AutogradRegressionModel, AutogradRegressor](
      Networks.regressor(1, 1).setMaxIter(2), spark, isClassification = false) {
      (expected, actual) =>
        assert(Networks.values(expected.module) === Networks.values(actual.module))
    }
  }

  test("rows that cannot be used are refused in Spark's words") {
    testInvalidClassificationLabels(Networks.classifier(2, 5, 2).setMaxIter(1).fit(_), Some(2))
    testInvalidClassificationLabels(Networks.classifier(2, 5, 3).setMaxIter(1).fit(_), Some(3))
    testInvalidRegressionLabels(Networks.regressor(2, 1).setMaxIter(1).fit(_))
    testInvalidVectors(Networks.classifier(2, 5, 2).setMaxIter(1).fit(_))
    testInvalidVectors(Networks.regressor(2, 1).setMaxIter(1).fit(_))
    testInvalidWeights(Networks.classifier(2, 5, 2).setMaxIter(1).setWeightCol("weight").fit(_))
  }

  test("the features column and featuresCols exclude each other, as do the two initial weights") {
    ParamsSuite.testExclusiveParams(
      classifier, data, "featuresCol" -> "features", "featuresCols" -> Array("features"))
    ParamsSuite.testExclusiveParams(
      classifier, data, "initialWeights" -> "w.safetensors", "initialModel" -> Array[Byte](1))
    ParamsSuite.testExclusiveParams(
      classifier, data, "validationIndicatorCol" -> "held", "validationFraction" -> 0.5)
  }
}
