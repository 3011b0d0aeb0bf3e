package djinn.cli;

import djinn.data.AugmentationDrawing;
import djinn.data.AugmentationSheet;
import djinn.ops.AtomicFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "augment",
        description = "Draw what a recipe's augmentations make of an image.",
        footer = {
            "",
            "  djinn augment nin_digits --sheet sheet.png",
            "  djinn augment image_folder --set data.root=photos --image photo.jpg --rows 6 --sheet sheet.png",
            "",
            "In the first column is the image as it is validated, then each of data.augment by itself, then all in",
            "their order. Boxes and masks that are known move along. Of data.mix, what puts images of a detection"
                    + " recipe",
            "together is drawn too, of the first training images."
        })
final class AugmentCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private RecipeOptions recipe = new RecipeOptions();

    @Option(names = "--sheet", required = true, paramLabel = "FILE", description = "The PNG file to write.")
    private Path sheet;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "The image; the first one the recipe trains on if left out.")
    private Path image;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "4",
            description = "Draws of each (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--seed", paramLabel = "N", description = "Decides the draws; the recipe's if left out.")
    private Long seed;

    @Override
    public void run() {
        Pictures.requirePng(spec, "--sheet", sheet);
        OutputFile.require("--sheet", sheet);
        AugmentationDrawing drawing = recipe.read(AugmentationDrawing.class, "augmentations can be drawn");
        Pictures.draw(() -> draw(drawing, seed == null ? recipe.read().seed() : seed));
    }

    private void draw(AugmentationDrawing recipeOf, long draws) {
        AugmentationSheet drawn = recipeOf.augmentationSheet(Optional.ofNullable(image), rows, draws);
        AtomicFile.writePng(sheet, drawn.picture());
        PrintWriter out = spec.commandLine().getOut();
        if (recipe.json()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("sheet", sheet.toString());
            fields.put("image", drawn.image());
            fields.put("augmentations", drawn.augmentations());
            fields.put("rows", rows);
            fields.put("seed", draws);
            out.println(Json.line(fields));
        } else {
            out.println(sheet + ": " + rows + " draws of each of " + drawn.augmentations() + " augmentations, of "
                    + drawn.image());
        }
        out.flush();
    }
}
