package djinn.cli;

import djinn.data.detection.AnchorClusters;
import djinn.tasks.detection.AnchorFit;
import djinn.tasks.detection.DetectionRecipe;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "anchors",
        description = "Fit anchors to the boxes that a recipe of the task detection trains on.",
        footer = {
            "",
            "  djinn anchors configs/bccd_fcos.yaml",
            "  djinn anchors detection_tiny --count 6 --set data.size=128 --json",
            "",
            "k-means on the overlap of boxes at the model's size, before augmentation. The recall is the share of"
                    + " boxes",
            "with an anchor whose sides are less than four times theirs and theirs less than four times its: what"
                    + " YOLO's",
            "matching can learn at best. The last line goes into a recipe as it is, under model; models that are no"
                    + " YOLO",
            "take none."
        })
final class AnchorsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private RecipeOptions recipe = new RecipeOptions();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "How many anchors; as many as the model has if left out, or 9 where it has none.")
    private Integer count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides where the search starts; the recipe's if left out.")
    private Long seed;

    @Override
    public void run() {
        DetectionRecipe read = recipe.read(DetectionRecipe.class);
        long start = seed == null ? read.seed() : seed;
        AnchorFit fit = AnchorFit.of(read, Optional.ofNullable(count), start);
        PrintWriter out = spec.commandLine().getOut();
        if (recipe.json()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("images", fit.images());
            fields.put("boxes", fit.boxes());
            fields.put("seed", start);
            fit.own().ifPresent(own -> fields.put("own", fields(own)));
            fields.put("fitted", fields(fit.fitted()));
            out.println(Json.line(fields));
        } else {
            out.println(fit.boxes() + " boxes in " + fit.images() + " training images");
            fit.own().ifPresent(own -> out.println(line(read.modelName() + "'s anchors", own)));
            out.println(line("fitted anchors", fit.fitted()));
            out.println("anchors: [" + texts(fit.fitted()).collect(Collectors.joining(", ")) + "]");
        }
        out.flush();
    }

    private static String line(String what, AnchorClusters anchors) {
        return String.format(
                Locale.ROOT,
                "%d %s: mean IoU %.3f, best possible recall %.3f",
                anchors.anchors().size(),
                what,
                anchors.meanIou(),
                anchors.recall());
    }

    private static Stream<String> texts(AnchorClusters anchors) {
        return anchors.anchors().stream()
                .map(anchor -> String.format(Locale.ROOT, "[%.1f, %.1f]", anchor.width(), anchor.height()));
    }

    private static Map<String, Object> fields(AnchorClusters anchors) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "anchors",
                anchors.anchors().stream()
                        .map(anchor -> List.of(anchor.width(), anchor.height()))
                        .toList());
        fields.put("mean_iou", anchors.meanIou());
        fields.put("recall", anchors.recall());
        return fields;
    }
}
