package ferrite.board.devicetree;

import ferrite.hardware.devicetree.DeviceTreeNode;

/**
 * The nodes of the harts, and the references to their interrupts. The interrupt controller of hart h has the phandle h
 * + 1.
 */
final class HartNodes {

    /** Interrupt causes, as in mcause and scause. */
    static final int S_SOFTWARE = 1;
    static final int M_SOFTWARE = 3;
    static final int M_TIMER = 7;
    static final int S_EXTERNAL = 9;
    static final int M_EXTERNAL = 11;

    private HartNodes() { }

    /** @param timebase the frequency of the real-time counter, in hertz */
    static void add(DeviceTreeNode root, int harts, int timebase) {
        DeviceTreeNode cpus = root.child("cpus").set("#address-cells", 1).set("#size-cells", 0)
                .set("timebase-frequency", timebase);
        for (int hart = 0; hart < harts; hart++) {
            DeviceTreeNode cpu = cpus.child("cpu@" + hart)
                    .set("device_type", "cpu").set("reg", hart).set("status", "okay")
                    .set("compatible", "riscv").set("riscv,isa", "rv32imac_zicsr_zifencei_zicntr_sstc")
                    .set("mmu-type", "riscv,sv32");
            cpu.child("interrupt-controller").set("#interrupt-cells", 1)
                    .set("#address-cells", 0).set("interrupt-controller")
                    .set("compatible", "riscv,cpu-intc").set("phandle", hart + 1);
        }
    }

    /** Returns the cells of {@code interrupts-extended} for these causes of every hart. */
    static int[] toHarts(int harts, int... causes) {
        int[] cells = new int[2 * harts * causes.length];
        int at = 0;
        for (int hart = 0; hart < harts; hart++) {
            for (int cause : causes) {
                cells[at++] = hart + 1;
                cells[at++] = cause;
            }
        }
        return cells;
    }
}
