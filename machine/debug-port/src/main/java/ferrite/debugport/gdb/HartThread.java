package ferrite.debugport.gdb;

import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;

/** A hart as a thread. While it runs Java code, it is shown in the kernel's call that the code is in. */
record HartThread(Hart hart, HartDescriber describer) implements GdbThread {

    @Override
    public int process() {
        return GdbThreads.MACHINE;
    }

    @Override
    public int number() {
        return hart.id() + 1;
    }

    @Override
    public String name() {
        return "hart" + hart.id();
    }

    /** Describes the hart in the form that OpenOCD uses, which scripts know. */
    @Override
    public String description() {
        String software = describer.describe(hart.id());
        return "Name: Hart " + hart.id() + ", " + PrivilegeMode.name(hart.mode()) + "-mode"
                + (hart.isWaiting() ? ", wfi" : "") + (software.isEmpty() ? "" : ", " + software);
    }

    /** Returns the pc that a client sees. */
    int pc() {
        return describer.shownPc(hart);
    }

    @Override
    public String register(int number) throws PacketException {
        return Packets.word(read(number));
    }

    private int read(int number) throws PacketException {
        return number >= 0 && number < GdbRegisters.GENERAL ? general(number) : GdbRegisters.read(hart, number);
    }

    /** Returns x0 to x31 or pc, as a client sees it. */
    int general(int number) {
        return switch (number) {
            case GdbRegisters.PC -> pc();
            case GdbRegisters.RA -> describer.shownReturnAddress(hart);
            default -> hart.register(number);
        };
    }

    /** Sets a register. A register of a hart in Java code that is shown with another value can only be left alone. */
    @Override
    public void setRegister(int number, int value) throws PacketException {
        if (read(number) == GdbRegisters.read(hart, number)) {
            GdbRegisters.write(hart, number, value);
        } else if (value != read(number)) {
            throw new PacketException("hart " + hart.id() + " runs Java code; its pc and ra cannot be set");
        }
    }
}
