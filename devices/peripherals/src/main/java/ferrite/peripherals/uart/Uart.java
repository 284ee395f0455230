package ferrite.peripherals.uart;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;

/**
 * A 16550A (National Semiconductor PC16550D data sheet; section numbers in comments are its).
 *
 * <p>The line takes all eight bits of a byte at once, for every divisor and word length, so the transmitter is always
 * empty. Received bytes are at least a character's time apart. The line never drops: CTS, DSR and DCD are up.
 */
public final class Uart implements BusDevice, Saveable {

    public static final String COMPATIBLE = "ns16550a";
    public static final long BYTES = UartRegisters.BYTES;
    public static final int CLOCK_HZ = UartRegisters.CLOCK_HZ;

    /**
     * After so many consecutive reads of an empty receiver, or of an LSR that shows it empty, software is polling for
     * input. Emptying the receiver and waiting for the transmitter take fewer.
     */
    private static final int POLLS = 16;
    private static final int SAMPLES_PER_BIT = 16;
    private static final int TIMEOUT_CHARACTERS = 4;
    private static final int CONNECTED = UartRegisters.MSR_CTS | UartRegisters.MSR_DSR | UartRegisters.MSR_DCD;
    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int MAX_DIVISOR = 0xffff;
    private static final int ALL_ONES = -1;

    private final SerialLine line;
    private final IrqLine irq;
    private final boolean takesWideAccesses;
    private final DeviceFaults faults;
    private final ClockEvent timeout;
    private final ClockEvent characterDue;
    private final ReceiveFifo received = new ReceiveFifo();
    private int ier;
    private int lcr;
    private int mcr;
    private int scratch;
    private int divisor = 1;
    private boolean overrun;
    private int modemChanges;
    /**
     * Latched when the transmitter becomes empty, and when its interrupt is enabled while it is empty (section 8.5).
     */
    private boolean transmitterInterrupt;
    private boolean timedOut;
    private int polls;
    /** True while the line has been asked for a byte and has not answered. */
    private boolean asked;
    /** True while the received bytes raise no interrupt: that of the last one was lost. */
    private boolean silent;
    private boolean driven;

    /** Creates a UART that faults at accesses of more than one byte. */
    public Uart(SerialLine line, IrqLine irq, Clock clock) {
        this(line, irq, clock, false);
    }

    /**
     * @param takesWideAccesses whether an access of two or four bytes is one of the register at its address, as on
     *     QEMU's virt machine: a load returns the register with zeros above, and a store stores the lowest byte
     */
    public Uart(SerialLine line, IrqLine irq, Clock clock, boolean takesWideAccesses) {
        this(line, irq, clock, takesWideAccesses, DeviceFaults.none());
    }

    /**
     * @param takesWideAccesses see the other constructor
     * @param faults            of the bytes that it receives
     */
    public Uart(SerialLine line, IrqLine irq, Clock clock, boolean takesWideAccesses, DeviceFaults faults) {
        this.faults = faults;
        this.takesWideAccesses = takesWideAccesses;
        this.line = line;
        this.irq = irq;
        this.timeout = clock.newEvent("uart timeout", this::timeOut);
        this.characterDue = clock.newEvent("uart character", this::ask);
    }

    // ---- the line's side ----

    /** Returns true if the receiver is empty, or its interrupt was lost, and software waits for a byte. */
    public boolean isAwaited() {
        return (received.isEmpty() || silent) && !isLooped() && !isRemoved()
                && ((ier & UartRegisters.IER_RECEIVED) != 0 || polls >= POLLS);
    }

    /** Returns true if the UART has asked for a byte and the line has not answered. */
    public boolean isUnanswered() {
        return asked && isAwaited();
    }

    /** Returns true if software only polls for a byte. */
    public boolean isPolled() {
        return polls >= POLLS;
    }

    /** Receives a byte. A byte that comes during loopback is lost. */
    public void receive(int value) {
        asked = false;
        silent = false;
        if (!isLooped() && !isRemoved()) {
            overrun |= faults.is(FaultKind.OVERRUN);
            accept(faults.is(FaultKind.WRONG) ? value ^ 1 : value,
                    faults.is(FaultKind.ERROR) ? UartRegisters.LSR_FE | UartRegisters.LSR_PE : 0);
        }
    }

    /** Calls {@link SerialLine#awaited} again after some ticks, if software still waits then. */
    public void askAgainIn(long ticks) {
        asked = false;
        characterDue.scheduleIn(ticks);
    }

    private void ask() {
        if (isAwaited()) {
            asked = true;
            line.awaited(isPolled());
        }
    }

    private boolean isRemoved() {
        return faults.is(FaultKind.REMOVED);
    }

    /** Schedules the next byte, one character's time after software began to wait for it. */
    private void expect() {
        if (isAwaited() && !asked && !characterDue.isScheduled()) {
            faults.next();
            if (isRemoved()) {
                timeout.cancel();
                driven = false;
                irq.set(false);
                return;
            }
            if (faults.is(FaultKind.SPURIOUS)) {
                irq.set(true);
                irq.set(driven);
            }
            characterDue.scheduleIn(characterTicks() + (faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0));
        }
    }

    /** Returns the time of start bit, data, parity and stop bits (section 8.1). */
    private long characterTicks() {
        int bits = 1 + 5 + (lcr & 3) + ((lcr & UartRegisters.LCR_PARITY) != 0 ? 1 : 0)
                + ((lcr & UartRegisters.LCR_STOP) != 0 ? 2 : 1);
        return Math.max(1,
                (long) bits * SAMPLES_PER_BIT * Math.max(1, divisor) * Clock.TICKS_PER_SECOND / UartRegisters.CLOCK_HZ);
    }

    private boolean isLooped() {
        return (mcr & UartRegisters.MCR_LOOP) != 0;
    }

    private void accept(int value, int errors) {
        polls = 0;
        overrun |= received.add(value, errors);
        restartTimeout();
        if (faults.is(FaultKind.LOST)) {
            timeout.cancel();
            silent = true;
        }
        drive();
    }

    /**
     * Restarts the character timeout. It reports bytes below the trigger level that are not read while no more arrive
     * for four characters' time (section 8.9).
     */
    private void restartTimeout() {
        timedOut = false;
        if (received.isEmpty() || !received.isEnabled()) {
            timeout.cancel();
        } else {
            timeout.scheduleIn(TIMEOUT_CHARACTERS * characterTicks());
        }
    }

    private void timeOut() {
        timedOut = true;
        drive();
    }

    // ---- interrupts ----

    /** Returns the enabled and pending interrupt of highest priority (section 8.6, table 5). */
    private int interrupt() {
        if ((ier & UartRegisters.IER_LINE_STATUS) != 0 && (lineStatus() & UartRegisters.LSR_ERRORS) != 0) {
            return UartRegisters.IIR_LINE_STATUS;
        }
        if ((ier & UartRegisters.IER_RECEIVED) != 0 && received.hasReachedTrigger() && !silent) {
            return UartRegisters.IIR_RECEIVED;
        }
        if ((ier & UartRegisters.IER_RECEIVED) != 0 && timedOut) {
            return UartRegisters.IIR_TIMEOUT;
        }
        if ((ier & UartRegisters.IER_TRANSMITTER_EMPTY) != 0 && transmitterInterrupt) {
            return UartRegisters.IIR_TRANSMITTER_EMPTY;
        }
        if ((ier & UartRegisters.IER_MODEM_STATUS) != 0 && modemChanges != 0) {
            return UartRegisters.IIR_MODEM_STATUS;
        }
        return UartRegisters.IIR_NONE;
    }

    private void drive() {
        boolean level = interrupt() != UartRegisters.IIR_NONE;
        if (level != driven) {
            driven = level;
            irq.set(level);
        }
        expect();
    }

    // ---- registers ----

    private int lineStatus() {
        return UartRegisters.LSR_THRE | UartRegisters.LSR_TEMT | (received.isEmpty() ? 0 : UartRegisters.LSR_DR)
                | (overrun ? UartRegisters.LSR_OE : 0) | received.topErrors()
                | (received.isEnabled() && received.hasErrors() ? UartRegisters.LSR_FIFO_ERROR : 0);
    }

    /** Returns the modem inputs. In loopback they are the four outputs (section 8.7). */
    private int modemInputs() {
        if (!isLooped()) {
            return CONNECTED;
        }
        return ((mcr & UartRegisters.MCR_RTS) != 0 ? UartRegisters.MSR_CTS : 0) | ((mcr & UartRegisters.MCR_DTR) != 0
                ? UartRegisters.MSR_DSR : 0) | ((mcr & UartRegisters.MCR_OUT1) != 0 ? UartRegisters.MSR_RI : 0)
                | ((mcr & UartRegisters.MCR_OUT2) != 0 ? UartRegisters.MSR_DCD : 0);
    }

    @Override
    public int load(long offset, int width) {
        int register = register(offset, width);
        int value = peek(offset, width);
        if (isRemoved()) {
            return value;
        }
        boolean asksForBytes = register == UartRegisters.LSR || register == UartRegisters.RBR && !divisorIsShown();
        polls = asksForBytes && received.isEmpty() ? Math.min(POLLS, polls + 1) : 0;
        switch (register) {
            case UartRegisters.RBR -> {
                if (!divisorIsShown()) {
                    received.take();
                    restartTimeout();
                }
            }
            case UartRegisters.IIR ->
                    transmitterInterrupt &= (value & ~UartRegisters.IIR_FIFOS) != UartRegisters.IIR_TRANSMITTER_EMPTY;
            case UartRegisters.LSR -> {
                overrun = false;
                received.clearTopErrors();
            }
            case UartRegisters.MSR -> modemChanges = 0;
            default -> { }
        }
        drive();
        return value;
    }

    @Override
    public int peek(long offset, int width) {
        int register = register(offset, width);
        if (isRemoved()) {
            return ALL_ONES >>> Integer.SIZE - Byte.SIZE * width;
        }
        if (register <= UartRegisters.IER && divisorIsShown()) {
            return divisor >>> 8 * register & 0xff;
        }
        return switch (register) {
            case UartRegisters.RBR -> received.peek();
            case UartRegisters.IER -> ier;
            case UartRegisters.IIR -> interrupt() | (received.isEnabled() ? UartRegisters.IIR_FIFOS : 0);
            case UartRegisters.LCR -> lcr;
            case UartRegisters.MCR -> mcr;
            case UartRegisters.LSR -> lineStatus();
            case UartRegisters.MSR -> modemInputs() | modemChanges;
            default -> scratch;
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        int register = register(offset, width);
        if (isRemoved()) {
            return;
        }
        value &= 0xff;
        polls = 0;
        if (register <= UartRegisters.IER && divisorIsShown()) {
            divisor = divisor & ~(0xff << 8 * register) & MAX_DIVISOR | value << 8 * register;
            return;
        }
        switch (register) {
            case UartRegisters.THR -> send(value);
            case UartRegisters.IER -> setInterruptEnable(value);
            case UartRegisters.FCR -> setFifoControl(value);
            case UartRegisters.LCR -> setLineControl(value);
            case UartRegisters.MCR -> setModemControl(value);
            case UartRegisters.SCR -> scratch = value;
            default -> { }  // LSR is for factory tests, and MSR read-only (sections 8.3 and 8.8)
        }
        drive();
    }

    /** Sends a byte. The transmitter is empty again at once. */
    private void send(int value) {
        transmitterInterrupt = true;
        if (isLooped()) {
            accept(value, 0);
        } else {
            line.send(value);
        }
    }

    private void setInterruptEnable(int value) {
        if ((value & ~ier & UartRegisters.IER_TRANSMITTER_EMPTY) != 0) {
            transmitterInterrupt = true;
        }
        ier = value & 0xf;
    }

    /** Sets the FIFO control. The other bits count only while bit 0 is set (section 8.4). */
    private void setFifoControl(int value) {
        received.control(value);
        restartTimeout();
    }

    /** Sets the line control. A break in loopback is received as a zero with a break error. */
    private void setLineControl(int value) {
        boolean breakBegins = (value & ~lcr & UartRegisters.LCR_BREAK) != 0;
        lcr = value;
        if (breakBegins && isLooped()) {
            accept(0, UartRegisters.LSR_BI);
        }
    }

    /**
     * Sets the outputs, and records the inputs' changes since the MSR was last read; for RI, only a fall (TERI, section
     * 8.8).
     */
    private void setModemControl(int value) {
        int before = modemInputs();
        mcr = value & 0x1f;
        int changed = before ^ modemInputs();
        modemChanges |= (changed & ~UartRegisters.MSR_RI | changed & before & UartRegisters.MSR_RI) >>> 4;
    }

    private boolean divisorIsShown() {
        return (lcr & UartRegisters.DLAB) != 0;
    }

    private int register(long offset, int width) {
        if (width != 1 && !takesWideAccesses || offset >= UartRegisters.COUNT) {
            throw new BusFault(offset, width, "the UART has eight registers of one byte");
        }
        return (int) offset;
    }

    @Override
    public void save(StateWriter out) {
        received.save(out);
        out.putInts(new int[] {ier, lcr, mcr, scratch, divisor, modemChanges, polls});
        for (boolean flag : new boolean[] {overrun, transmitterInterrupt, timedOut, asked, driven, silent}) {
            out.putBoolean(flag);
        }
        faults.save(out);
    }

    @Override
    public void restore(StateReader in) {
        received.restore(in);
        int[] registers = new int[7];
        in.getInts(registers);
        ier = StateReader.bitsOf(registers[0], 0xf);
        lcr = StateReader.bitsOf(registers[1], 0xff);
        mcr = StateReader.bitsOf(registers[2], 0x1f);
        scratch = StateReader.bitsOf(registers[3], 0xff);
        divisor = StateReader.bitsOf(registers[4], MAX_DIVISOR);
        modemChanges = StateReader.bitsOf(registers[5], 0xf);
        polls = registers[6];
        StateReader.requireThat(polls >= 0 && polls <= POLLS, "the UART has been polled " + polls + " times");
        overrun = in.getBoolean();
        transmitterInterrupt = in.getBoolean();
        timedOut = in.getBoolean();
        asked = in.getBoolean();
        driven = in.getBoolean();
        silent = in.getBoolean();
        faults.restore(in);
    }
}
