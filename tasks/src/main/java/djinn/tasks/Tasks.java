package djinn.tasks;

import djinn.inference.Answering;
import djinn.ops.Nearest;
import djinn.predict.Answerings;
import djinn.predict.autoencoder.AutoencoderCard;
import djinn.predict.autoregressive.AutoregressiveCard;
import djinn.predict.diffusion.DiffusionCard;
import djinn.predict.generative.GanAnswering;
import djinn.predict.imagetranslation.ImageTranslationCard;
import djinn.predict.imagetranslation.PairedTranslationCard;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.MaskedLanguageModelCard;
import djinn.predict.points.PointCard;
import djinn.predict.text.TextClassifierCard;
import djinn.predict.text.WordEmbeddingCard;
import djinn.predict.translation.TranslationCard;
import djinn.tasks.autoencoder.AutoencoderRecipe;
import djinn.tasks.autoregressive.AutoregressiveRecipe;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.detection.DetectionRecipe;
import djinn.tasks.diffusion.DiffusionRecipe;
import djinn.tasks.generative.GanModel;
import djinn.tasks.generative.GanRecipe;
import djinn.tasks.imagetranslation.ImageTranslationRecipe;
import djinn.tasks.language.LanguageModelRecipe;
import djinn.tasks.language.MaskedLanguageModelRecipe;
import djinn.tasks.pairedtranslation.PairedTranslationRecipe;
import djinn.tasks.points.PointGanRecipe;
import djinn.tasks.segmentation.SegmentationRecipe;
import djinn.tasks.text.TextClassificationRecipe;
import djinn.tasks.text.WordEmbeddingRecipe;
import djinn.tasks.translation.TranslationRecipe;
import djinn.zoo.Models;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The table of tasks: what a recipe may call its {@code task}, and the record that such a recipe is. */
public final class Tasks {

    /** What is meant where a recipe does not say. */
    static final String CLASSIFICATION = "classification";

    /** The end of a message about a task that is not there. */
    static final String OTHERS = "; a task of another jar is there once DJINN_EXTENSIONS names the jar";

    /** The commands that ask models which answer no images. */
    private static final Map<String, String> COMMANDS = Map.of(
            "gan",
            "generate",
            AutoregressiveCard.TASK_NAME,
            "generate",
            AutoencoderCard.TASK_NAME,
            "generate",
            DiffusionCard.TASK_NAME,
            "generate",
            ImageTranslationCard.TASK_NAME,
            "translate-images",
            PairedTranslationCard.TASK_NAME,
            "translate-images",
            LanguageModelCard.TASK_NAME,
            "generate",
            TranslationCard.TASK_NAME,
            "translate");

    private Tasks() {}

    /** Returns the recipes' records by their tasks' names, in the table's order; those that joined are behind. */
    public static Map<String, Class<? extends Record>> recipes() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put(CLASSIFICATION, ClassificationRecipe.class);
        table.put("segmentation", SegmentationRecipe.class);
        table.put("detection", DetectionRecipe.class);
        table.put("gan", GanRecipe.class);
        table.put(AutoregressiveCard.TASK_NAME, AutoregressiveRecipe.class);
        table.put(AutoencoderCard.TASK_NAME, AutoencoderRecipe.class);
        table.put(DiffusionCard.TASK_NAME, DiffusionRecipe.class);
        table.put(ImageTranslationCard.TASK_NAME, ImageTranslationRecipe.class);
        table.put(PairedTranslationCard.TASK_NAME, PairedTranslationRecipe.class);
        table.put(PointCard.TASK_NAME, PointGanRecipe.class);
        table.put(LanguageModelCard.TASK_NAME, LanguageModelRecipe.class);
        table.put(MaskedLanguageModelCard.TASK_NAME, MaskedLanguageModelRecipe.class);
        table.put(TextClassifierCard.TASK_NAME, TextClassificationRecipe.class);
        table.put(TranslationCard.TASK_NAME, TranslationRecipe.class);
        table.put(WordEmbeddingCard.TASK_NAME, WordEmbeddingRecipe.class);
        return Extensions.with("task", table, Extension::tasks);
    }

    /**
     * Returns the record of a task's recipes.
     *
     * @throws IllegalArgumentException if there is no such task; the message has the nearest
     */
    static Class<? extends Record> recipe(String task) {
        Map<String, Class<? extends Record>> table = recipes();
        Class<? extends Record> recipe = table.get(task);
        if (recipe == null) {
            throw new IllegalArgumentException("unknown task '" + task + "', "
                    + Nearest.suggestion(task, table.keySet(), "expected one of ") + OTHERS);
        }
        return recipe;
    }

    /**
     * Returns how the trained models of a task answer.
     *
     * @param task a task's name
     * @return empty if the task does not say
     */
    public static Optional<Answering> answering(String task) {
        return Optional.ofNullable(answering().get(task));
    }

    private static Map<String, Answering> answering() {
        Map<String, Answering> table = new LinkedHashMap<>(Answerings.table());
        table.put("gan", new GanAnswering(GanModel.table()));
        return Extensions.with("answering of the task", table, Extension::answering);
    }

    /**
     * Returns the task that a model is for, of the zoo or of a task's own table.
     *
     * @param model its name
     * @throws IllegalArgumentException if there is no such model; the message has the nearest
     */
    public static String ofModel(String model) {
        return answering().entrySet().stream()
                .filter(task -> task.getValue().models().contains(model))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> Models.named(model).task());
    }

    /** Returns the command that models of a task are asked by, where they are asked about something else than images. */
    public static Optional<String> command(String task) {
        return Optional.ofNullable(COMMANDS.get(task));
    }

    /** Returns the name of the task whose recipe a record is. */
    static String named(Class<?> recipe) {
        return recipes().entrySet().stream()
                .filter(entry -> entry.getValue() == recipe)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(recipe.getSimpleName());
    }
}
