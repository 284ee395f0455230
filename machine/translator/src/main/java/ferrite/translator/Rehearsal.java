package ferrite.translator;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.turn.Interleavings;

/**
 * Translates a program again and again in the background, before a machine has code to translate. The JVM has then
 * loaded the classes that translate, and has compiled some of them, so the machine's thread does not wait for that. The
 * program runs on a small machine of its own, so no run knows of it.
 */
final class Rehearsal {

    /** How often the first caller's rehearsal translates the program. */
    static final int TIMES = 12;
    private static final int RAM_BYTES = 1 << 16;
    /** The instructions of some passes of the program's loop. */
    private static final int INSTRUCTIONS = 500;
    /** The heap that must be free. The machine of the run is worth more than a short wait. */
    private static final long ROOM_BYTES = 96L << 20;

    /** A loop with a call that uses most rows: loads, stores, arithmetic, branches, jumps. */
    private static final int[] PROGRAM = {
        0x0000_8437,                                   // lui x8, 8: the address of data
        0x0000_9137,                                   // lui x2, 9: the stack
        0x03c0_0493,                                   // li x9, 60: the passes
        0x0004_2503, 0x0044_0583, 0x0054_4603, 0x0064_1683, 0x0084_5703,                // lw, lb, lbu, lh, lhu
        0x00b5_0533, 0x40d6_0633, 0x00c5_4533, 0x0035_1593, 0x0055_5613, 0x4075_5693,   // add, sub, xor, shifts
        0x00b7_1733, 0x00c5_f5b3, 0x00d6_6633, 0x0ff6_f693, 0x0017_6713, 0xfff7_4793,   // sll, and, or, andi, ori, xori
        0x00c5_a833, 0x00c5_b8b3, 0x0095_2293, 0x0095_3313,                             // slt, sltu, slti, sltiu
        0x02b5_03b3, 0x02b5_3e33, 0x02e5_5eb3, 0x02e5_7f33, 0x0000_0f97,                // mul, mulhu, divu, remu, auipc
        0x0074_2023, 0x01d4_0223, 0x01e4_1323,                                          // sw, sb, sh
        0x00c5_8863, 0x00c5_c663, 0x00e6_f463, 0x0015_0513,                             // beq, blt, bgeu past addi
        0x0140_00ef,                                   // jal f
        0xfff4_8493, 0xf604_9ae3,                      // addi x9, x9, -1; bnez x9: the next pass
        0x03c0_0493, 0xf6df_f06f,                      // li x9, 60; j: once more
        0xff01_0113, 0x0011_2623,                      // f: addi x2, x2, -16; sw x1, 12(x2)
        0x00b5_5463, 0x0075_0513, 0x00b5_6663,         // bge past addi; bltu past the shifts
        0x00a5_d5b3, 0x40a6_5633,                      // srl, sra
        0x00c1_2083, 0x0101_0113, 0x0000_8067,         // lw x1, 12(x2); addi x2, x2, 16; ret
    };

    private Rehearsal() { }

    /**
     * Does some work and then rehearses, on a thread of its own, if the heap has room. A process that ends waits for
     * neither.
     *
     * @param times how often the program is translated, 0 for a rehearsal that another caller has begun
     */
    static void start(Runnable before, int times) {
        if (!hasRoom()) {
            return;
        }
        Thread thread = new Thread(() -> {
            try {
                before.run();
                if (times > 0) {
                    play(times);
                }
            } catch (OutOfMemoryError full) {
                // the first regions take longer
            }
        }, "ferrite-translator-rehearsal");
        thread.setDaemon(true);
        thread.start();
    }

    private static boolean hasRoom() {
        Runtime host = Runtime.getRuntime();
        return host.maxMemory() - host.totalMemory() + host.freeMemory() > ROOM_BYTES;
    }

    /** Runs the program, with new regions each time. Returns the ticks that were spent in them. */
    static long play(int times) {
        try (Machine machine = new Machine(new Machine.Configuration(0, RAM_BYTES, 1, 0, Interleavings.RR, 0))) {
            for (int i = 0; i < PROGRAM.length; i++) {
                machine.bus().store(BusMaster.host("rehearsal"), 4L * i, 4, PROGRAM[i]);
            }
            machine.harts().get(0).translate(new BytecodeTranslator(), true);
            for (int i = 1; i <= times; i++) {
                machine.turn().limitInstructions((long) INSTRUCTIONS * i);
                machine.turn().run();
                machine.bus().code().dropAll();
            }
            return machine.harts().get(0).translatedTicks();
        }
    }
}
