package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.IoPorts;

/** The calls for I/O ports: accesses of registers at the addresses of the ports. */
@Plumbing
abstract class PortDoor extends RegisterDoor implements PortCalls {

    private final IoPorts ports;

    PortDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.ports = subsystems.files().regions().ports();
    }

    // ---- regions ----

    @Override public long requestRegion(long first, long count, String name) {
        return ports.request(first, count, name);
    }
    @Override public void releaseRegion(long first, long count) { ports.release(first, count); }

    // ---- one access ----

    @Override public int inb(long port) { return readb(ports.address(port, BYTE, "inb")); }
    @Override public int inw(long port) { return readw(ports.address(port, HALF, "inw")); }
    @Override public int inl(long port) { return readl(ports.address(port, WORD, "inl")); }
    @Override public void outb(int value, long port) { writeb(value, ports.address(port, BYTE, "outb")); }
    @Override public void outw(int value, long port) { writew(value, ports.address(port, HALF, "outw")); }
    @Override public void outl(int value, long port) { writel(value, ports.address(port, WORD, "outl")); }
    @Override public int inbP(long port) { return readb(ports.address(port, BYTE, "inb_p")); }
    @Override public int inwP(long port) { return readw(ports.address(port, HALF, "inw_p")); }
    @Override public int inlP(long port) { return readl(ports.address(port, WORD, "inl_p")); }
    @Override public void outbP(int value, long port) { writeb(value, ports.address(port, BYTE, "outb_p")); }
    @Override public void outwP(int value, long port) { writew(value, ports.address(port, HALF, "outw_p")); }
    @Override public void outlP(int value, long port) { writel(value, ports.address(port, WORD, "outl_p")); }

    // ---- one port, many times ----

    @Override public void insb(long port, long buffer, int count) {
        readRep(ports.address(port, BYTE, "insb"), BYTE, buffer, count);
    }
    @Override public void insw(long port, long buffer, int count) {
        readRep(ports.address(port, HALF, "insw"), HALF, buffer, count);
    }
    @Override public void insl(long port, long buffer, int count) {
        readRep(ports.address(port, WORD, "insl"), WORD, buffer, count);
    }
    @Override public void outsb(long port, long buffer, int count) {
        writeRep(ports.address(port, BYTE, "outsb"), BYTE, buffer, count);
    }
    @Override public void outsw(long port, long buffer, int count) {
        writeRep(ports.address(port, HALF, "outsw"), HALF, buffer, count);
    }
    @Override public void outsl(long port, long buffer, int count) {
        writeRep(ports.address(port, WORD, "outsl"), WORD, buffer, count);
    }

    // ---- ports as registers ----

    @Override public long ioportMap(long first, int count) { return ports.address(first, count, "ioport_map"); }
    @Override public void ioportUnmap(long address) {
        // As on Linux, the ports stay mapped.
    }
}
