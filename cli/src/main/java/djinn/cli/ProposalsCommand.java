package djinn.cli;

import djinn.data.ImageFiles;
import djinn.data.ImageTree;
import djinn.data.Scene;
import djinn.data.Source;
import djinn.data.proposals.Proposal;
import djinn.data.proposals.ProposalFile;
import djinn.data.proposals.ProposalMethod;
import djinn.data.proposals.ProposalRecall;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.tasks.detection.DetectionRecipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "proposals",
        description = "Propose where objects may be, for detectors that look at given regions: fast_rcnn, rcnn.",
        footer = {
            "",
            "  djinn proposals configs/bccd_fcos.yaml --to cells.jsonl",
            "  djinn proposals photos/ --to photos.jsonl --method grid --most 500",
            "",
            "A line of JSON for each image: its name, its width and height, boxes [x, y, w, h] in its pixels, the best"
                    + " first,",
            "and scores. A recipe takes the file as data.proposals.file. Of a recipe's images the recall is told: the"
                    + " share of",
            "objects that a proposal overlaps by an IoU of at least 0.5."
        })
final class ProposalsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DATA", description = "A folder of images, or a recipe of the task detection.")
    private String data;

    @Option(names = "--to", paramLabel = "FILE", required = true, description = "The file to write.")
    private Path to;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            defaultValue = "selective_search",
            description = "selective_search, or grid, the same windows in all images (default: ${DEFAULT-VALUE}).")
    private ProposalMethod method;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many of an image, the best first (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Override
    public void run() {
        if (most < 1) {
            throw new IllegalArgumentException("--most: expected at least 1, got " + most);
        }
        OutputFile.require("--to", to);
        boolean isFolder = Files.isDirectory(Path.of(data));
        if (isFolder && !overrides.isEmpty()) {
            throw new IllegalArgumentException("--set: expected a recipe to override keys of, got the folder " + data);
        }
        List<Source<Scene>> parts = isFolder
                ? List.of(photos(Path.of(data)))
                : Recipes.read(Configs.find(data), overrides, DetectionRecipe.class)
                        .images();
        ProposalRecall recall = new ProposalRecall();
        AtomicFile.write(to, out -> {
            Set<String> names = new HashSet<>();
            for (Source<Scene> part : parts) {
                for (int i = 0; i < part.size(); i++) {
                    write(part, i, names, recall, out);
                }
            }
        });
        tell(recall);
    }

    private void write(Source<Scene> part, int index, Set<String> names, ProposalRecall recall, WritableByteChannel out)
            throws IOException {
        Scene scene = part.example(index);
        String name = part.name(index);
        if (!names.add(name)) {
            throw new DataException(data + ": expected images of different names, as proposals are found by them, got "
                    + name + " twice");
        }
        List<Proposal> proposals = method.propose(scene.image(), most);
        recall.add(scene.objects(), proposals);
        String line = ProposalFile.line(name, scene.image(), proposals) + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private void tell(ProposalRecall recall) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("method", method.text());
            fields.put("images", recall.images());
            fields.put("boxes", recall.boxes());
            if (recall.objects() > 0) {
                fields.put("objects", recall.objects());
                fields.put("recall", recall.recall());
            }
            fields.put("file", to.toString());
            out.println(Json.line(fields));
        } else {
            out.println(recall.boxes() + " boxes in " + recall.images() + " images by " + method.text() + " in " + to);
            if (recall.objects() > 0) {
                out.println(String.format(
                        Locale.ROOT, "recall at IoU 0.5: %.3f of %d objects", recall.recall(), recall.objects()));
            }
        }
        out.flush();
    }

    /** The images in a folder and below, by their path from it. */
    private static Source<Scene> photos(Path folder) {
        List<Path> files = new ArrayList<>(ImageTree.below(folder).images());
        if (files.isEmpty()) {
            throw new DataException(
                    folder + ": expected images (" + ImageFiles.ENDINGS + ") in it or in folders below, found none");
        }
        return new Source<>() {
            @Override
            public int size() {
                return files.size();
            }

            @Override
            public Scene example(int index) {
                return Scene.of(ImageFiles.read(files.get(index), 3));
            }

            @Override
            public String name(int index) {
                return folder.relativize(files.get(index)).toString().replace('\\', '/');
            }
        };
    }
}
