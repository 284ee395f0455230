package ferrite.debugport;

import ferrite.hardware.monitor.Monitor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The TCP port at which a running machine can be looked into. What a client says first decides what it is; today
 * a line of text reaches the {@link Monitor}, a client that attaches the {@link MachinePrompt}, and GDB and HTTP are told that they are not served yet.
 *
 * <p>The port has one daemon thread, which never touches the machine and never waits for it: every command is
 * posted to the {@code machine} executor, and the answer comes back as another post. An open port costs a run nothing
 * until somebody asks something.
 */
public final class DebugPort implements AutoCloseable {

    /** As much as one read takes from a client; what a client can make the port hold is a small multiple of it. */
    private static final int READ_BYTES = 4096;
    /** Far more than are served: a client that finds the queue full waits a second before it knocks again. */
    private static final int BACKLOG = 128;
    private static final int CLOSE_SECONDS = 2;

    private final EventLoop loop;
    private final Channel server;
    private final ChannelGroup leaving;

    private DebugPort(EventLoop loop, Channel server, ChannelGroup leaving) {
        this.loop = loop;
        this.server = server;
        this.leaving = leaving;
    }

    /**
     * Opens a port at which there is no prompt to attach to.
     *
     * @see #open(InetSocketAddress, String, Monitor, MachinePrompt, Executor)
     */
    public static DebugPort open(InetSocketAddress address, String token, Monitor monitor, Executor machine) throws IOException {
        return open(address, token, monitor, null, machine);
    }

    /**
     * Opens the port; clients are served when this returns.
     *
     * @param address where to listen; port 0 takes a free one
     * @param token   what a client must name in its first line, {@code token T}; null asks for none, which only an
     *                address on the loopback interface may do
     * @param monitor the commands
     * @param prompt  where clients attach; null when there is none
     * @param machine runs what it is given on the thread that holds the machine's turn, in order; throws
     *                {@link java.util.concurrent.RejectedExecutionException} when it never will
     * @throws IOException with a sentence, when the port cannot be opened, or must not be
     */
    public static DebugPort open(InetSocketAddress address, String token, Monitor monitor, MachinePrompt prompt, Executor machine)
            throws IOException {
        QuietNetty.prepare();
        checkAddress(address, token);
        checkToken(token);
        EventLoop loop = new SingleThreadIoEventLoop(null, DebugPort::thread, NioIoHandler.newFactory());
        ChannelGroup leaving = new DefaultChannelGroup(loop);
        ChannelFuture bound = bootstrap(loop, new Connections(token, monitor, prompt, machine, leaving)).bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(loop);
            throw new IOException("the debug port cannot be opened at " + text(address) + ": "
                    + bound.cause().getMessage() + "; give another port, or 0 for a free one", bound.cause());
        }
        return new DebugPort(loop, bound.channel(), leaving);
    }

    /** Where the port listens, with the port number that was taken. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** Closes the port and all its connections. Answers that were posted before are still sent; a second call does nothing. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            // The loop works in order: when this is done, so is whatever the machine had posted.
            server.close().awaitUninterruptibly();
            awaitThoseWhoLeave();
        }
        stop(loop);
    }

    /** They have been told that it is over, and hear it if they hear anything. */
    private void awaitThoseWhoLeave() {
        try {
            loop.submit(() -> { }).awaitUninterruptibly();          // what came of the machine's posts is done
            leaving.newCloseFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException closedByAnother) {
            // then that one has waited
        }
    }

    private static void checkAddress(InetSocketAddress address, String token) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("the debug port cannot be opened at " + text(address)
                    + ": no host has that name; give one of this host's addresses");
        }
        if (token == null && !address.getAddress().isLoopbackAddress()) {
            throw new IOException("the debug port is not opened at " + text(address)
                    + ": other hosts can reach that address, so it needs a token; give one, or an address such as 127.0.0.1");
        }
    }

    private static void checkToken(String token) throws IOException {
        if (token != null && !TokenGate.accepts(token)) {
            throw new IOException("the debug port's token cannot be used: it must be one word of 1 to "
                    + TokenGate.MAX_TOKEN_BYTES + " bytes, without blanks or control characters");
        }
    }

    private static ServerBootstrap bootstrap(EventLoop loop, Connections connections) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                // A handler asks for input when it has room for it, so a flood waits in the client's own buffers.
                .childOption(ChannelOption.AUTO_READ, false)
                // A client that has said all it wants to say (nc -N) still gets its answers.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(connections);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "ferrite-debug-port");
        thread.setDaemon(true);
        return thread;
    }

    private static void stop(EventLoop loop) {
        loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        try {
            loop.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
