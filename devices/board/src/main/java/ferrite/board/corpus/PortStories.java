package ferrite.board.corpus;

import java.util.List;

/** Mistakes with I/O ports: those of the serial chip. */
final class PortStories {

    private static final String RULE = "port-not-requested";
    private static final long CHIP = 0x3f8;
    private static final int PORTS = 8;
    private static final long SCRATCH = CHIP + 7;

    private PortStories() { }

    static List<Story> all() {
        return List.of(
                Story.of("a port is written that was not requested", RULE, (bench, kernel, wrong) -> {
                    boolean mine = !wrong && kernel.requestRegion(CHIP, PORTS, "story") != 0;
                    if (mine || wrong) {
                        kernel.outb(0x55, SCRATCH);
                    }
                    if (mine) {
                        kernel.releaseRegion(CHIP, PORTS);
                    }
                }),
                Story.of("one port too few is requested", RULE, (bench, kernel, wrong) -> {
                    int count = wrong ? PORTS - 1 : PORTS;
                    kernel.requestRegion(CHIP, count, "story");
                    kernel.inb(SCRATCH);
                    kernel.releaseRegion(CHIP, count);
                }),
                Story.of("a port is read after its release", RULE, (bench, kernel, wrong) -> {
                    kernel.requestRegion(CHIP, PORTS, "story");
                    if (wrong) {
                        kernel.releaseRegion(CHIP, PORTS);
                    }
                    kernel.ioportMap(CHIP, PORTS);
                    if (!wrong) {
                        kernel.releaseRegion(CHIP, PORTS);
                    }
                }));
    }
}
