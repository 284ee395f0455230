package ferrite.scenarios.qemu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs programs in QEMU and in Ferrite, as many in one image as possible, and reports the differences. */
final class Comparison {

    private Comparison() { }

    /** Returns the differences for each program; an empty list for a program without any. */
    static List<List<String>> of(List<Program> programs) throws IOException, InterruptedException {
        List<List<String>> differences = new ArrayList<>();
        while (differences.size() < programs.size()) {
            List<Program> rest = programs.subList(differences.size(), programs.size());
            differences.addAll(ofImage(rest.subList(0, imageSize(rest))));
        }
        return differences;
    }

    /** Returns the index of the first program with a difference, or -1. */
    static int firstThatDiffers(List<Program> programs) throws IOException, InterruptedException {
        for (int done = 0; done < programs.size(); ) {
            List<Program> rest = programs.subList(done, programs.size());
            List<List<String>> differences = ofImage(rest.subList(0, imageSize(rest)));
            done += differences.size();
            if (!differences.get(differences.size() - 1).isEmpty()) {
                return done - 1;
            }
        }
        return -1;
    }

    /**
     * Returns the number of programs for the next image. A program that locks PMP entries locks them for all later
     * ones, so it is the last of its image. A program with a home is alone.
     */
    private static int imageSize(List<Program> programs) {
        int size = 0;
        while (size < programs.size() && size < SlotLayout.MAX_PROGRAMS) {
            Program next = programs.get(size++);
            if (next.locks || next.home >= 0) {
                break;
            }
        }
        return size;
    }

    /**
     * Compares at least the first program, and none after a difference, because that program may have damaged the later
     * ones.
     */
    private static List<List<String>> ofImage(List<Program> programs) throws IOException, InterruptedException {
        int first = Math.max(0, programs.get(0).home);
        byte[] image = ImagePacker.pack(programs, first);
        try (QemuRun run = QemuRun.start(image, first, programs.size())) {
            Ended ours = OurRun.of(image, programs.size());
            return compare(run.end(), ours, first, programs.size());
        }
    }

    private static List<List<String>> compare(Ended qemu, Ended ours, int first, int programs) {
        List<List<String>> differences = new ArrayList<>();
        for (int slot = first; slot < first + programs; slot++) {
            if (!qemu.isDone(slot) || !ours.isDone(slot)) {
                differences.add(List.of("the program ends "
                        + (qemu.isDone(slot) ? "in QEMU only" : ours.isDone(slot) ? "in Ferrite only" : "in neither")));
                break;
            }
            differences.add(Difference.between(qemu, ours, slot));
            if (!differences.get(differences.size() - 1).isEmpty()) {
                break;
            }
        }
        return differences;
    }
}
