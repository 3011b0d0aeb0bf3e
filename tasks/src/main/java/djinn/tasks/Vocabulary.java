package djinn.tasks;

import djinn.data.Augmentation;
import djinn.data.AutoAugment;
import djinn.data.BatchAugmentation;
import djinn.data.ClassWeights;
import djinn.data.ColorJitter;
import djinn.data.CopyPaste;
import djinn.data.CutMix;
import djinn.data.ElasticDeformation;
import djinn.data.GaussianBlur;
import djinn.data.GaussianNoise;
import djinn.data.IouCrop;
import djinn.data.Mixup;
import djinn.data.Mosaic;
import djinn.data.PhotometricDistortion;
import djinn.data.RandAugment;
import djinn.data.RandomAffine;
import djinn.data.RandomErasing;
import djinn.data.RandomGrayscale;
import djinn.data.RandomHorizontalFlip;
import djinn.data.RandomQuarterTurn;
import djinn.data.RandomResizedCrop;
import djinn.data.RandomRotation;
import djinn.data.RandomShift;
import djinn.data.RandomVerticalFlip;
import djinn.data.SceneMixing;
import djinn.data.SceneMixup;
import djinn.data.TrivialAugmentWide;
import djinn.data.ZoomOut;
import djinn.losses.LossFunction;
import djinn.losses.Losses;
import djinn.ops.Suppression;
import djinn.predict.autoregressive.PixelNetwork;
import djinn.predict.text.TextClassifierModel;
import djinn.predict.translation.TranslationModel;
import djinn.training.optimizer.Adadelta;
import djinn.training.optimizer.Adagrad;
import djinn.training.optimizer.Adam;
import djinn.training.optimizer.AdamW;
import djinn.training.optimizer.Adamax;
import djinn.training.optimizer.Lamb;
import djinn.training.optimizer.Lars;
import djinn.training.optimizer.NAdam;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.optimizer.RAdam;
import djinn.training.optimizer.RmsProp;
import djinn.training.optimizer.Sgd;
import djinn.training.schedule.Constant;
import djinn.training.schedule.Cosine;
import djinn.training.schedule.CosineRestarts;
import djinn.training.schedule.Exponential;
import djinn.training.schedule.Inverse;
import djinn.training.schedule.Linear;
import djinn.training.schedule.MultiStep;
import djinn.training.schedule.Noam;
import djinn.training.schedule.OneCycle;
import djinn.training.schedule.Plateau;
import djinn.training.schedule.Polynomial;
import djinn.training.schedule.Schedule;
import djinn.training.schedule.Sigmoid;
import djinn.training.schedule.Step;
import djinn.training.schedule.Warmup;
import djinn.training.schedule.WarmupCosine;
import djinn.training.track.JsonLines;
import djinn.training.track.Mlflow;
import djinn.training.track.ResultsTable;
import djinn.training.track.TensorBoard;
import djinn.training.track.Tracking;
import djinn.zoo.nn.Initialization;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names a recipe may use, and the records they stand for. */
final class Vocabulary {

    /** What a list stands for where a variant is expected. */
    static final Map<Class<?>, String> LISTS = Map.of(LossFunction.class, "weighted_sum");

    /** The records of each variant by their names. */
    private static final Map<Class<?>, Map<String, Class<? extends Record>>> VARIANTS = Map.of(
            LossFunction.class,
            losses(),
            OptimizerRule.class,
            named(
                    Map.entry("sgd", Sgd.class),
                    Map.entry("adam", Adam.class),
                    Map.entry("adamw", AdamW.class),
                    Map.entry("adamax", Adamax.class),
                    Map.entry("nadam", NAdam.class),
                    Map.entry("radam", RAdam.class),
                    Map.entry("rmsprop", RmsProp.class),
                    Map.entry("adagrad", Adagrad.class),
                    Map.entry("adadelta", Adadelta.class),
                    Map.entry("lamb", Lamb.class),
                    Map.entry("lars", Lars.class)),
            Schedule.class,
            named(
                    Map.entry("constant", Constant.class),
                    Map.entry("step", Step.class),
                    Map.entry("multi_step", MultiStep.class),
                    Map.entry("exponential", Exponential.class),
                    Map.entry("linear", Linear.class),
                    Map.entry("polynomial", Polynomial.class),
                    Map.entry("cosine", Cosine.class),
                    Map.entry("cosine_restarts", CosineRestarts.class),
                    Map.entry("one_cycle", OneCycle.class),
                    Map.entry("noam", Noam.class),
                    Map.entry("plateau", Plateau.class),
                    Map.entry("warmup", Warmup.class),
                    Map.entry("warmup_cosine", WarmupCosine.class),
                    // Caffe's names, written back as those above where there are two
                    Map.entry("fixed", Constant.class),
                    Map.entry("multistep", MultiStep.class),
                    Map.entry("exp", Exponential.class),
                    Map.entry("poly", Polynomial.class),
                    Map.entry("inv", Inverse.class),
                    Map.entry("sigmoid", Sigmoid.class)),
            Augmentation.class,
            named(
                    Map.entry("random_resized_crop", RandomResizedCrop.class),
                    Map.entry("random_affine", RandomAffine.class),
                    Map.entry("random_rotation", RandomRotation.class),
                    Map.entry("random_shift", RandomShift.class),
                    Map.entry("elastic_deformation", ElasticDeformation.class),
                    Map.entry("random_horizontal_flip", RandomHorizontalFlip.class),
                    Map.entry("random_vertical_flip", RandomVerticalFlip.class),
                    Map.entry("random_quarter_turn", RandomQuarterTurn.class),
                    Map.entry("color_jitter", ColorJitter.class),
                    Map.entry("random_grayscale", RandomGrayscale.class),
                    Map.entry("gaussian_blur", GaussianBlur.class),
                    Map.entry("gaussian_noise", GaussianNoise.class),
                    Map.entry("random_erasing", RandomErasing.class),
                    Map.entry("rand_augment", RandAugment.class),
                    Map.entry("trivial_augment_wide", TrivialAugmentWide.class),
                    Map.entry("auto_augment", AutoAugment.class),
                    Map.entry("iou_crop", IouCrop.class),
                    Map.entry("zoom_out", ZoomOut.class),
                    Map.entry("photometric_distortion", PhotometricDistortion.class)),
            BatchAugmentation.class,
            named(Map.entry("mixup", Mixup.class), Map.entry("cutmix", CutMix.class)),
            SceneMixing.class,
            named(
                    Map.entry("mosaic", Mosaic.class),
                    Map.entry("mixup", SceneMixup.class),
                    Map.entry("copy_paste", CopyPaste.class)),
            Suppression.class,
            named(
                    Map.entry("nms", Suppression.Nms.class),
                    Map.entry("none", Suppression.None.class),
                    Map.entry("soft_nms", Suppression.SoftNms.class),
                    Map.entry("soft_nms_linear", Suppression.SoftNmsLinear.class),
                    Map.entry("box_voting", Suppression.BoxVoting.class)),
            ClassWeights.class,
            named(
                    Map.entry("balanced", ClassWeights.Balanced.class),
                    Map.entry("effective_number", ClassWeights.EffectiveNumber.class)),
            Initialization.class,
            named(
                    Map.entry("uniform", Initialization.Uniform.class),
                    Map.entry("normal", Initialization.Normal.class),
                    Map.entry("truncated_normal", Initialization.TruncatedNormal.class),
                    Map.entry("xavier_uniform", Initialization.XavierUniform.class),
                    Map.entry("xavier_normal", Initialization.XavierNormal.class),
                    Map.entry("he_uniform", Initialization.HeUniform.class),
                    Map.entry("he_normal", Initialization.HeNormal.class),
                    Map.entry("orthogonal", Initialization.Orthogonal.class)));

    private static final Map<String, Class<? extends Record>> TRACKERS = named(
            Map.entry("csv", ResultsTable.class),
            Map.entry("jsonl", JsonLines.class),
            Map.entry("tensorboard", TensorBoard.class),
            Map.entry("mlflow", Mlflow.class));

    private Vocabulary() {}

    /** Returns the records of each variant by their names. */
    static Map<Class<?>, Map<String, Class<? extends Record>>> variants() {
        Map<Class<?>, Map<String, Class<? extends Record>>> all = new LinkedHashMap<>(VARIANTS);
        all.put(LossFunction.class, Extensions.with("loss", VARIANTS.get(LossFunction.class), Extension::losses));
        all.put(
                Augmentation.class,
                Extensions.with("augmentation", VARIANTS.get(Augmentation.class), Extension::augmentations));
        all.put(Tracking.class, TRACKERS);
        all.put(TextClassifierModel.class, TextClassifierModel.table());
        all.put(TranslationModel.class, TranslationModel.table());
        all.put(PixelNetwork.class, PixelNetwork.table());
        return all;
    }

    private static Map<String, Class<? extends Record>> losses() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        Losses.all().stream()
                .filter(Losses.Entry::inRecipes)
                .forEach(entry -> table.put(entry.name(), entry.type().asSubclass(Record.class)));
        return table;
    }

    /** A table in the order it is written, for messages. */
    @SafeVarargs
    private static Map<String, Class<? extends Record>> named(
            Map.Entry<String, ? extends Class<? extends Record>>... entries) {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        for (Map.Entry<String, ? extends Class<? extends Record>> entry : entries) {
            table.put(entry.getKey(), entry.getValue());
        }
        return table;
    }
}
