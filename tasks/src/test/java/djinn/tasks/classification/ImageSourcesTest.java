package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Splits;
import djinn.tasks.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What recipes say of where images come from. */
class ImageSourcesTest {

    private static final Path RECIPE = Path.of("..", "configs", "image_folder.yaml");
    private static final Path TARS = Path.of("..", "data", "src", "test", "resources", "djinn", "data", "webdataset");

    @TempDir
    private Path folder;

    private static ClassificationRecipe recipe(String... settings) {
        List<String> all = new ArrayList<>(List.of("data.root=null"));
        all.addAll(Arrays.asList(settings));
        return Recipes.read(RECIPE, all, ClassificationRecipe.class);
    }

    private static Splits read(ClassificationRecipe recipe) {
        return ImageSources.named(recipe.data().source()).read(recipe.data());
    }

    @Test
    void tarFilesAreReadAsTheRecipeSays() {
        Splits whole = read(recipe("data.source=webdataset", "data.root=" + TARS));
        assertThat(whole.train().size()).isEqualTo(7);
        assertThat(whole.validation().size()).isEqualTo(3);
        Splits range = read(recipe(
                "data.source=webdataset",
                "data.root=" + TARS + "/train-{000000..000001}.tar",
                "data.val_fraction=0.5"));
        assertThat(range.train().size() + range.validation().size()).isEqualTo(7);
        assertThat(range.validation().size()).isGreaterThan(1);
    }

    @Test
    void aFileOfCifarsIsReadAsTheRecipeSays() throws IOException {
        // a label, and 3072 values of 32x32 pixels
        for (String name : List.of("data_batch_1.bin", "test_batch.bin")) {
            byte[] image = new byte[3073];
            image[0] = 4;
            Files.write(folder.resolve(name), image);
        }
        Splits splits = read(recipe("data.source=cifar", "data.root=" + folder));
        assertThat(splits.train().labels()).containsExactly(4);
        assertThat(splits.classes()).hasSize(10);
    }

    @Test
    void whatASourceNeedsIsAskedForWhileTheRecipeIsRead() {
        Stream.of("cifar", "oxford_pets", "oxford_flowers", "webdataset", "jsonl")
                .forEach(source -> assertThatThrownBy(() -> recipe("data.source=" + source))
                        .as(source)
                        .hasMessageContaining("expected root, the folder of "));
        assertThatThrownBy(() -> recipe("data.source=jsonl", "data.root=x"))
                .hasMessageContaining("expected labels, a file of JSON lines, with this source");
    }

    @Test
    void whatASetSaysItselfIsNotAskedFor() {
        for (String source : List.of("cifar", "oxford_pets", "oxford_flowers")) {
            assertThatThrownBy(() -> recipe("data.source=" + source, "data.root=x", "data.val_fraction=0.3"))
                    .hasMessageContaining("expected no val_fraction with source " + source);
        }
        assertThatThrownBy(() -> recipe("data.source=webdataset", "data.root=x", "data.labels=a.csv"))
                .hasMessageContaining("expected no labels with source webdataset");
    }
}
