package djinn.data.proposals;

import djinn.data.ImageObject;
import djinn.data.ImageObjects;
import java.util.List;

/** Counts how many objects are proposed: those that a box overlaps by an IoU of at least a half. Crowds are no objects. */
public final class ProposalRecall {

    private static final double NEAR = .5;

    private int images;
    private long boxes;
    private long objects;
    private long found;

    /** Counts an image. */
    public void add(ImageObjects truth, List<Proposal> proposals) {
        images++;
        boxes += proposals.size();
        for (ImageObject object : truth.objects()) {
            if (!object.isCrowd()) {
                objects++;
                boolean isFound =
                        proposals.stream().anyMatch(proposal -> proposal.box().iou(object.box()) >= NEAR);
                found += isFound ? 1 : 0;
            }
        }
    }

    /** Returns how many images were counted. */
    public int images() {
        return images;
    }

    /** Returns how many boxes were proposed of all images. */
    public long boxes() {
        return boxes;
    }

    /** Returns how many objects there are. */
    public long objects() {
        return objects;
    }

    /** Returns the share of the objects that are proposed; NaN if there are none. */
    public double recall() {
        return (double) found / objects;
    }
}
