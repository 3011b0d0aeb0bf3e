package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A key of the data that does nothing with a source is refused, in every task. */
class SourceKeysTest {

    @TempDir
    private Path folder;

    private void read(String task, String data) throws IOException {
        String model = switch (task) {
            case "classification" -> "{name: nin_small}";
            case "segmentation" -> "{name: unet}";
            case "detection" -> "{name: yolov5n}";
            default -> "{}";
        };
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), """
                task: %s
                model: %s
                data: {%s}
                optimizer: {name: sgd, lr: 0.1}
                train: {epochs: 1}
                """.formatted(task, model, data));
        assertThat(Recipes.read(recipe, List.of()).task()).isEqualTo(task);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "detection; source: shapes, root: a; no root with source shapes",
                "detection; source: shapes, train_file: a; no train_file",
                "detection; source: shapes, val_fraction: 0.3; no val_fraction",
                "detection; source: shapes, classes: [a]; no classes",
                "detection; source: shapes, smallest: 2, least_visible: 0.5; no smallest and no least_visible",
                "detection; source: coco, root: a, train_file: b, classes: [c]; no classes with source coco",
                "detection; source: coco, root: a, train_file: b, val_file: c, val_fraction: 0.3; no val_fraction",
                "detection; source: csv, root: a, train_file: b, val_file: c, val_fraction: 0.3; no val_fraction",
                "detection; source: voc, root: a, train_file: b; no train_file with source voc",
                "detection; source: voc, root: a, test_file: b; no test_file",
                "detection; source: yolo, root: a, val_file: b; no val_file with source yolo",
                "detection; source: yolo, root: a, classes: [c]; no classes",
                "segmentation; source: shapes, root: a; no root with source shapes",
                "segmentation; source: shapes, masks: nonzero; no masks",
                "segmentation; source: shapes, classes: [a, b]; no classes",
                "segmentation; source: coco, root: a, train_file: b, masks: nonzero; no masks with source coco",
                "segmentation; source: coco, root: a, train_file: b, val_file: c, val_fraction: 0.3; no val_fraction",
                "segmentation; source: mask_folder, root: a, classes: [a, b], val_file: c; no val_file",
                "segmentation; source: mask_folder, root: a, classes: [a, b], val_fraction: 0.3; no val_fraction",
                "classification; source: digits, root: a; no root with source digits",
                "classification; source: digits, labels: a; no labels",
                "classification; source: digits, split_seed: 3, val_fraction: 0.3; no val_fraction and no split_seed",
                "classification; source: image_folder, root: a, labels: b; no labels with source image_folder",
                "classification; source: idx, root: a, labels: b; no labels",
                "gan; source: digits, root: a; no root with source digits",
                "gan; source: digits, val_fraction: 0.3, split_seed: 1; no val_fraction and no split_seed",
                "language_model; source: number_names, files: [a]; no files",
                "masked_language_model; source: number_names, files: [a], val_files: [b]; no files and no val_files"
            })
    void whatDoesNothingIsRefused(String task, String data, String message) {
        assertThatThrownBy(() -> read(task, data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "detection; source: coco, root: a, train_file: b, val_fraction: 0.3, smallest: 2",
                "detection; source: csv, root: a, train_file: b, val_file: c, test_file: d, classes: [e]",
                "detection; source: voc, root: a, classes: [e], val_fraction: 0.3",
                "detection; source: yolo, root: a, val_fraction: 0.3",
                "segmentation; source: coco, root: a, train_file: b, test_file: d, val_fraction: 0.3",
                "segmentation; source: mask_folder, root: a, masks: nonzero",
                "classification; source: csv, root: a, labels: b, val_fraction: 0.3, split_seed: 4",
                "gan; source: idx, root: a, val_fraction: 0.3, split_seed: 4"
            })
    void whatDoesSomethingIsNot(String task, String data) throws IOException {
        read(task, data);
    }

    @Test
    void aRunsRecipeWithAllDefaultsIsReadAgain() throws IOException {
        for (String data : List.of("source: shapes", "source: coco, root: a, train_file: b, val_file: c")) {
            for (String task : List.of("detection", "segmentation")) {
                read(task, data);
                Path recipe = folder.resolve("recipe.yaml");
                Files.writeString(recipe, Recipes.toYaml(Recipes.read(recipe, List.of())));
                assertThat(Recipes.read(recipe, List.of()).task()).isEqualTo(task);
            }
        }
    }
}
