package ferrite.scenarios.hostile;

import ferrite.board.BoardKind;
import ferrite.board.BoardOptions;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The command line that goes with a hostile file.
 *
 * @param snapshot     whether the file is restored, rather than booted
 * @param initrdBytes  0 for none
 * @param appendBytes  how long the program's command line is
 * @param inputBytes   how much there is at standard input
 * @param instructions what the run may execute; of a snapshot, beyond what it has executed
 * @param resumeAt     where the run is also saved, ended and restored, which has to make no difference; -1 for nowhere
 */
record Setup(boolean snapshot, BoardKind board, int harts, long ramBytes, Interleavings interleaving, long seed, DmaPolicy dma, int disks, long initrdBytes,
             int appendBytes, int inputBytes, long instructions, long resumeAt) {

    static final int DISK_BYTES = 64 << 10;

    BoardOptions options(List<Path> diskFiles) {
        BoardOptions options = new BoardOptions().kind(board).harts(harts).ram(ramBytes).interleaving(interleaving).seed(seed).dma(dma);
        diskFiles.forEach(options::disk);
        return options;
    }

    /** The same machine without disks, whose contents are not in a snapshot, for so many instructions, and saved after them. */
    Setup savedAt(long moment) {
        return new Setup(snapshot, board, harts, ramBytes, interleaving, seed, dma, 0, initrdBytes, appendBytes, inputBytes, moment, moment);
    }

    // ---- as text, for the corpus and for a person ----

    Map<String, String> toWords() {
        Map<String, String> words = new TreeMap<>();
        words.put("snapshot", Boolean.toString(snapshot));
        words.put("board", board.label());
        words.put("harts", Integer.toString(harts));
        words.put("ram", Long.toString(ramBytes));
        words.put("interleaving", interleaving.name().toLowerCase(Locale.ROOT));
        words.put("seed", Long.toString(seed));
        words.put("dma", dma.name().toLowerCase(Locale.ROOT));
        words.put("disks", Integer.toString(disks));
        words.put("initrd", Long.toString(initrdBytes));
        words.put("append", Integer.toString(appendBytes));
        words.put("input", Integer.toString(inputBytes));
        words.put("instructions", Long.toString(instructions));
        words.put("resume-at", Long.toString(resumeAt));
        return words;
    }

    static Setup of(Map<String, String> words) {
        return new Setup(Boolean.parseBoolean(words.get("snapshot")), BoardKind.valueOf(words.get("board").toUpperCase(Locale.ROOT)),
                Integer.parseInt(words.get("harts")), Long.parseLong(words.get("ram")),
                Interleavings.valueOf(words.get("interleaving").toUpperCase(Locale.ROOT)), Long.parseLong(words.get("seed")),
                DmaPolicy.valueOf(words.get("dma").toUpperCase(Locale.ROOT)), Integer.parseInt(words.get("disks")), Long.parseLong(words.get("initrd")),
                Integer.parseInt(words.get("append")), Integer.parseInt(words.get("input")), Long.parseLong(words.get("instructions")),
                Long.parseLong(words.get("resume-at")));
    }
}
