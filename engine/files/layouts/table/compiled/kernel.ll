; made from kernel.py 5afe3f9cce258206
define i32 @parse_rows(ptr noalias writeonly %retptr, ptr noalias writeonly %excinfo, ptr readonly %arg.data, i64 %arg.start, i64 %arg.end, i64 %arg.separator, i64 %arg.decimal, ptr readonly %arg.keep, i64 %arg.width, i64 %arg.index, i64 %arg.trailing, ptr readonly %arg.high, ptr readonly %arg.low, ptr readonly %arg.exact, ptr writeonly %arg.out, i64 %arg.columns, ptr writeonly %arg.labels, ptr writeonly %arg.stop)  {
B0:
  %.1529 = alloca { double, i8 }, align 8
  %excinfo.1 = alloca ptr, align 8
  %.82902 = icmp slt i64 %arg.start, %arg.end
  br i1 %.82902, label %B48.preheader.lr.ph, label %B3020

B48.preheader.lr.ph:
  br label %B48.outer

B48.outer:
  %row.2.1.ph = phi i64 [ 0, %B48.preheader.lr.ph ], [ %.2101, %B2986 ]
  %p.21.1.ph = phi i64 [ %arg.start, %B48.preheader.lr.ph ], [ %.2093, %B2986 ]
  br label %B48

B48:
  %p.21.1 = phi i64 [ %.207, %B320 ], [ %p.21.1.ph, %B48.outer ]
  %0 = icmp eq i64 %arg.separator, 32
  store i64 %p.21.1, ptr %arg.stop, align 8
  %.103 = getelementptr i8, ptr %arg.data, i64 %p.21.1
  %.104 = load i8, ptr %.103, align 1
  %.106 = icmp eq i8 %.104, 32
  %.129 = icmp eq i8 %.104, 9
  %or.cond = and i1 %0, %.129
  %or.cond731 = select i1 %.106, i1 true, i1 %or.cond
  br i1 %or.cond731, label %B130.preheader, label %B212

B130.preheader:
  br label %B130

B130:
  %p.22.2 = phi i64 [ %.136, %B130 ], [ %p.21.1, %B130.preheader ]
  %1 = icmp eq i64 %arg.separator, 32
  %.136 = add nsw i64 %p.22.2, 1
  %sunkaddr = getelementptr i8, ptr %arg.data, i64 %p.22.2
  %sunkaddr243 = getelementptr i8, ptr %sunkaddr, i64 1
  %.145 = load i8, ptr %sunkaddr243, align 1
  %.147 = icmp eq i8 %.145, 32
  %.162 = icmp eq i8 %.145, 9
  %or.cond710 = and i1 %1, %.162
  %or.cond732 = select i1 %.147, i1 true, i1 %or.cond710
  br i1 %or.cond732, label %B130, label %B212

B212:
  %.173 = phi i8 [ %.104, %B48 ], [ %.145, %B130 ]
  %p.23.3 = phi i64 [ %p.21.1, %B48 ], [ %.136, %B130 ]
  %2 = zext i8 %.173 to i32
  switch i32 %2, label %B406.endif [
    i32 10, label %B320
    i32 13, label %B280
    i32 35, label %B402
  ]

B280:
  %.172 = getelementptr i8, ptr %arg.data, i64 %p.23.3
  %.187 = getelementptr i8, ptr %.172, i64 1
  %.188 = load i8, ptr %.187, align 1
  %.190 = icmp eq i8 %.188, 10
  br i1 %.190, label %B320, label %B406.endif

B320:
  %.202 = icmp eq i8 %.173, 13
  %.205 = select i1 %.202, i64 2, i64 1
  %.207 = add nsw i64 %.205, %p.23.3
  %.82 = icmp slt i64 %.207, %arg.end
  br i1 %.82, label %B48, label %B3020

common.ret:
  %common.ret.op = phi i32 [ 0, %B402 ], [ 0, %B662 ], [ 0, %B1744 ], [ 0, %B2010 ], [ 0, %B2226 ], [ 0, %B2300 ], [ 0, %B2642 ], [ 0, %B2692 ], [ 0, %B2982 ], [ 0, %B3020 ], [ %.1533, %B2252.endif.if.if ]
  ret i32 %common.ret.op

B402:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B444:
  %kept.2.2859 = phi i64 [ 0, %B444.lr.ph ], [ %kept.3.3, %B3022 ]
  %p.24.2858 = phi i64 [ %p.23.3, %B444.lr.ph ], [ %p.25.3, %B3022 ]
  %.357847856 = phi i64 [ 0, %B444.lr.ph ], [ %.364, %B3022 ]
  %3 = icmp eq i64 %arg.separator, 32
  %.364 = add nuw nsw i64 %.357847856, 1
  %.398 = getelementptr i8, ptr %arg.data, i64 %p.24.2858
  %.399 = load i8, ptr %.398, align 1
  %.401 = icmp eq i8 %.399, 32
  %.424 = icmp eq i8 %.399, 9
  %or.cond711 = and i1 %3, %.424
  %or.cond733 = select i1 %.401, i1 true, i1 %or.cond711
  br i1 %or.cond733, label %B518.preheader, label %B600

B518.preheader:
  br label %B518

B518:
  %p.39.3 = phi i64 [ %.431, %B518 ], [ %p.24.2858, %B518.preheader ]
  %4 = icmp eq i64 %arg.separator, 32
  %.431 = add nsw i64 %p.39.3, 1
  %sunkaddr244 = getelementptr i8, ptr %arg.data, i64 %p.39.3
  %sunkaddr245 = getelementptr i8, ptr %sunkaddr244, i64 1
  %.440 = load i8, ptr %sunkaddr245, align 1
  %.442 = icmp eq i8 %.440, 32
  %.457 = icmp eq i8 %.440, 9
  %or.cond712 = and i1 %4, %.457
  %or.cond734 = select i1 %.442, i1 true, i1 %or.cond712
  br i1 %or.cond734, label %B518, label %B600

B600:
  %.479 = phi i8 [ %.399, %B444 ], [ %.440, %B518 ]
  %p.33.4 = phi i64 [ %p.24.2858, %B444 ], [ %.431, %B518 ]
  %.471 = getelementptr i8, ptr %arg.keep, i64 %.357847856
  %.472 = load i8, ptr %.471, align 1
  %.474 = icmp eq i8 %.472, 0
  br i1 %.474, label %B628, label %B1082

B628:
  %.480 = zext i8 %.479 to i64
  %.481 = icmp eq i8 %.479, 34
  br i1 %.481, label %B662, label %B670

B662:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B670:
  %5 = icmp eq i64 %arg.separator, 32
  br i1 %5, label %B674, label %B890

B674:
  %.479.off = add i8 %.479, -9
  %switch = icmp ult i8 %.479.off, 2
  br i1 %switch, label %B1016, label %B776.preheader

B776.preheader:
  br label %B776

B776:
  %p.40.4 = phi i64 [ %.573, %B776 ], [ %p.33.4, %B776.preheader ]
  %.573 = add nsw i64 %p.40.4, 1
  %sunkaddr246 = getelementptr i8, ptr %arg.data, i64 %p.40.4
  %sunkaddr247 = getelementptr i8, ptr %sunkaddr246, i64 1
  %.585 = load i8, ptr %sunkaddr247, align 1
  %6 = zext i8 %.585 to i32
  switch i32 %6, label %B776 [
    i32 32, label %B1016.loopexit
    i32 9, label %B1016.loopexit
    i32 10, label %B1016.loopexit
  ]

B890:
  %.641 = icmp ne i64 %arg.separator, %.480
  %.657 = icmp ne i8 %.479, 10
  %or.cond713 = and i1 %.657, %.641
  br i1 %or.cond713, label %B948.preheader, label %B1016

B948.preheader:
  br label %B948

B948:
  %p.41.4 = phi i64 [ %.663, %B948 ], [ %p.33.4, %B948.preheader ]
  %.663 = add nsw i64 %p.41.4, 1
  %sunkaddr248 = getelementptr i8, ptr %arg.data, i64 %p.41.4
  %sunkaddr249 = getelementptr i8, ptr %sunkaddr248, i64 1
  %.675 = load i8, ptr %sunkaddr249, align 1
  %.677 = zext i8 %.675 to i64
  %.678 = icmp ne i64 %arg.separator, %.677
  %.693 = icmp ne i8 %.675, 10
  %or.cond714 = and i1 %.693, %.678
  br i1 %or.cond714, label %B948, label %B1016

B1016.loopexit:
  br label %B1016

B1016:
  %p.37.3 = phi i64 [ %p.33.4, %B890 ], [ %p.33.4, %B674 ], [ %.573, %B1016.loopexit ], [ %.663, %B948 ]
  %.708 = icmp slt i64 %.357847856, %arg.index
  br i1 %.708, label %B1028, label %B2504

B1028:
  %.711 = icmp eq i64 %.357847856, 0
  br i1 %.711, label %B1040, label %B1056

B1040:
  %sunkaddr250 = getelementptr i8, ptr %arg.labels, i64 %.717.idx
  store i64 %p.33.4, ptr %sunkaddr250, align 8
  br label %B1056

B1056:
  %sunkaddr251 = getelementptr i8, ptr %arg.labels, i64 %.717.idx
  %sunkaddr252 = getelementptr i8, ptr %sunkaddr251, i64 8
  store i64 %p.37.3, ptr %sunkaddr252, align 8
  br label %B2504

B1082:
  %.746 = icmp eq i8 %.479, 45
  %.761 = icmp eq i8 %.479, 43
  %or.cond715 = or i1 %.746, %.761
  %.764 = zext i1 %or.cond715 to i64
  %p.32.5 = add nsw i64 %p.33.4, %.764
  %.791808 = getelementptr i8, ptr %arg.data, i64 %p.32.5
  %.792809 = load i8, ptr %.791808, align 1
  %.793810 = zext i8 %.792809 to i64
  %7 = add i8 %.792809, -58
  %or.cond716811 = icmp ult i8 %7, -10
  br i1 %or.cond716811, label %B1350, label %B1276.preheader

B1276.preheader:
  br label %B1276

B1276:
  %.793814 = phi i64 [ %.793, %B1276 ], [ %.793810, %B1276.preheader ]
  %w.3.4813 = phi i64 [ %.812, %B1276 ], [ 0, %B1276.preheader ]
  %p.31.4812 = phi i64 [ %.816, %B1276 ], [ %p.32.5, %B1276.preheader ]
  %.808 = mul i64 %w.3.4813, 10
  %.794 = add nsw i64 %.793814, -48
  %.812 = add i64 %.794, %.808
  %.816 = add nsw i64 %p.31.4812, 1
  %sunkaddr256 = getelementptr i8, ptr %arg.data, i64 %p.31.4812
  %sunkaddr257 = getelementptr i8, ptr %sunkaddr256, i64 1
  %.792 = load i8, ptr %sunkaddr257, align 1
  %.793 = zext i8 %.792 to i64
  %8 = add i8 %.792, -58
  %or.cond716 = icmp ult i8 %8, -10
  br i1 %or.cond716, label %B1350, label %B1276

B1350:
  %p.31.4.lcssa = phi i64 [ %p.32.5, %B1082 ], [ %.816, %B1276 ]
  %w.3.4.lcssa = phi i64 [ 0, %B1082 ], [ %.812, %B1276 ]
  %.793.lcssa = phi i64 [ %.793810, %B1082 ], [ %.793, %B1276 ]
  %.836 = sub nsw i64 %p.31.4.lcssa, %p.32.5
  %.852 = icmp eq i64 %arg.decimal, %.793.lcssa
  br i1 %.852, label %B1384, label %B1552

B1384:
  %.869 = add nsw i64 %p.31.4.lcssa, 1
  %.881817 = getelementptr i8, ptr %arg.data, i64 %.869
  %.882818 = load i8, ptr %.881817, align 1
  %9 = add i8 %.882818, -58
  %or.cond717819 = icmp ult i8 %9, -10
  br i1 %or.cond717819, label %B1532, label %B1458.preheader

B1458.preheader:
  br label %B1458

B1458:
  %.882822 = phi i8 [ %.882, %B1458 ], [ %.882818, %B1458.preheader ]
  %p.30.5821 = phi i64 [ %.906, %B1458 ], [ %.869, %B1458.preheader ]
  %w.4.5820 = phi i64 [ %.902, %B1458 ], [ %w.3.4.lcssa, %B1458.preheader ]
  %.883 = zext i8 %.882822 to i64
  %.898 = mul i64 %w.4.5820, 10
  %.884 = add nsw i64 %.883, -48
  %.902 = add i64 %.884, %.898
  %.906 = add nsw i64 %p.30.5821, 1
  %sunkaddr258 = getelementptr i8, ptr %arg.data, i64 %p.30.5821
  %sunkaddr259 = getelementptr i8, ptr %sunkaddr258, i64 1
  %.882 = load i8, ptr %sunkaddr259, align 1
  %10 = add i8 %.882, -58
  %or.cond717 = icmp ult i8 %10, -10
  br i1 %or.cond717, label %B1532, label %B1458

B1532:
  %w.4.5.lcssa = phi i64 [ %w.3.4.lcssa, %B1384 ], [ %.902, %B1458 ]
  %p.30.5.lcssa = phi i64 [ %.869, %B1384 ], [ %.906, %B1458 ]
  %.920 = sub nsw i64 %p.30.5.lcssa, %.869
  %.928 = add nsw i64 %.920, %.836
  br label %B1552

B1552:
  %p.29.4 = phi i64 [ %p.30.5.lcssa, %B1532 ], [ %p.31.4.lcssa, %B1350 ]
  %fraction.2.4 = phi i64 [ %.920, %B1532 ], [ 0, %B1350 ]
  %w.5.4 = phi i64 [ %w.4.5.lcssa, %B1532 ], [ %w.3.4.lcssa, %B1350 ]
  %digits.4.4 = phi i64 [ %.928, %B1532 ], [ %.836, %B1350 ]
  %.941 = icmp eq i64 %digits.4.4, 0
  br i1 %.941, label %B1564, label %B1756

B1564:
  %11 = icmp eq i64 %arg.separator, 32
  %.962 = icmp ne i64 %p.29.4, %p.33.4
  %spec.select.not = or i1 %11, %.962
  %.988 = getelementptr i8, ptr %arg.data, i64 %p.29.4
  %.989 = load i8, ptr %.988, align 1
  %.997 = icmp eq i64 %p.29.4, %p.33.4
  %12 = and i8 %.989, -33
  %.1006 = icmp eq i8 %12, 78
  %or.cond718 = select i1 %.997, i1 %.1006, i1 false
  br i1 %or.cond718, label %B1652, label %B1740

B1652:
  %sunkaddr260 = getelementptr i8, ptr %arg.data, i64 %p.33.4
  %sunkaddr261 = getelementptr i8, ptr %sunkaddr260, i64 1
  %.1022 = load i8, ptr %sunkaddr261, align 1
  %13 = and i8 %.1022, -33
  %.1025 = icmp eq i8 %13, 65
  br i1 %.1025, label %B1740.thread, label %B1740

B1740.thread:
  %sunkaddr262 = getelementptr i8, ptr %arg.data, i64 %p.33.4
  %sunkaddr263 = getelementptr i8, ptr %sunkaddr262, i64 2
  %.1031 = load i8, ptr %sunkaddr263, align 1
  %14 = and i8 %.1031, -33
  %.1034 = icmp eq i8 %14, 78
  %.1037 = select i1 %.1034, i64 3, i64 2
  %.1039 = add nsw i64 %.1037, %p.33.4
  br label %B2318

B1740:
  br i1 %spec.select.not, label %B1744, label %B2318

B1744:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B1756:
  %.1136 = getelementptr i8, ptr %arg.data, i64 %p.29.4
  %.1137 = load i8, ptr %.1136, align 1
  %15 = and i8 %.1137, -33
  %.1140 = icmp eq i8 %15, 69
  br i1 %.1140, label %B1792, label %B2038

B1792:
  %.1147 = add nsw i64 %p.29.4, 1
  %.1155 = getelementptr i8, ptr %arg.data, i64 %.1147
  %.1156 = load i8, ptr %.1155, align 1
  %.1158 = icmp eq i8 %.1156, 45
  %.1173 = icmp eq i8 %.1156, 43
  %or.cond719 = or i1 %.1158, %.1173
  %.1176 = add nsw i64 %p.29.4, 2
  %p.36.7 = select i1 %or.cond719, i64 %.1176, i64 %.1147
  %.1200825 = getelementptr i8, ptr %arg.data, i64 %p.36.7
  %.1201826 = load i8, ptr %.1200825, align 1
  %.1202 = zext i8 %.1201826 to i64
  %16 = add i8 %.1201826, -58
  %or.cond720827 = icmp ult i8 %16, -10
  br i1 %or.cond720827, label %B2010, label %B1970

B1970:
  %.1203 = add nsw i64 %.1202, -48
  %.1230 = add nsw i64 %p.36.7, 1
  %.1200 = getelementptr i8, ptr %arg.data, i64 %.1230
  %.1201 = load i8, ptr %.1200, align 1
  %.1202.1 = zext i8 %.1201 to i64
  %17 = add i8 %.1201, -58
  %or.cond720 = icmp ult i8 %17, -10
  br i1 %or.cond720, label %B2018, label %B1970.1

B1970.1:
  %.1222.1 = mul nuw nsw i64 %.1203, 10
  %.1203.1 = add nsw i64 %.1202.1, -48
  %.1224.1 = add nuw nsw i64 %.1203.1, %.1222.1
  %.1230.1 = add nsw i64 %p.36.7, 2
  %.1200.1 = getelementptr i8, ptr %arg.data, i64 %.1230.1
  %.1201.1 = load i8, ptr %.1200.1, align 1
  %.1202.2 = zext i8 %.1201.1 to i64
  %18 = add i8 %.1201.1, -58
  %or.cond720.1 = icmp ult i8 %18, -10
  br i1 %or.cond720.1, label %B2018, label %B1970.2

B1970.2:
  %.1222.2 = mul nuw nsw i64 %.1224.1, 10
  %.1203.2 = add nsw i64 %.1202.2, -48
  %.1224.2 = add nuw nsw i64 %.1203.2, %.1222.2
  %.1230.2 = add nsw i64 %p.36.7, 3
  %.1200.2 = getelementptr i8, ptr %arg.data, i64 %.1230.2
  %.1201.2 = load i8, ptr %.1200.2, align 1
  %.1202.3 = zext i8 %.1201.2 to i64
  %19 = add i8 %.1201.2, -58
  %or.cond720.2 = icmp ult i8 %19, -10
  br i1 %or.cond720.2, label %B2018, label %B1970.3

B1970.3:
  %.1222.3 = mul nuw nsw i64 %.1224.2, 10
  %.1203.3 = add nsw i64 %.1202.3, -48
  %.1224.3 = add nuw i64 %.1203.3, %.1222.3
  %.1230.3 = add nsw i64 %p.36.7, 4
  %.1200.3 = getelementptr i8, ptr %arg.data, i64 %.1230.3
  %.1201.3 = load i8, ptr %.1200.3, align 1
  %.1202.4 = zext i8 %.1201.3 to i64
  %20 = add i8 %.1201.3, -58
  %or.cond720.3 = icmp ult i8 %20, -10
  br i1 %or.cond720.3, label %B2018, label %B1970.4

B1970.4:
  %.1222.4 = mul nsw i64 %.1224.3, 10
  %.1203.4 = add nsw i64 %.1202.4, -48
  %.1224.4 = add i64 %.1203.4, %.1222.4
  %.1230.4 = add nsw i64 %p.36.7, 5
  br label %B2018

B2010:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2018:
  %.1224.lcssa = phi i64 [ %.1203, %B1970 ], [ %.1224.1, %B1970.1 ], [ %.1224.2, %B1970.2 ], [ %.1224.3, %B1970.3 ], [ %.1224.4, %B1970.4 ]
  %.1230.lcssa = phi i64 [ %.1230, %B1970 ], [ %.1230.1, %B1970.1 ], [ %.1230.2, %B1970.2 ], [ %.1230.3, %B1970.3 ], [ %.1230.4, %B1970.4 ]
  %21 = icmp eq i8 %.1156, 45
  %.1310 = sub i64 0, %.1224.lcssa
  %spec.select722 = select i1 %21, i64 %.1310, i64 %.1224.lcssa
  br label %B2038

B2038:
  %p.34.5 = phi i64 [ %.1230.lcssa, %B2018 ], [ %p.29.4, %B1756 ]
  %spec.select722.pn = phi i64 [ %spec.select722, %B2018 ], [ 0, %B1756 ]
  %q.2.5 = sub i64 %spec.select722.pn, %fraction.2.4
  %.1343 = icmp sgt i64 %digits.4.4, 19
  br i1 %.1343, label %B2050, label %B2234

B2050:
  %22 = add i8 %.479, -58
  %or.cond723 = icmp ult i8 %22, -9
  br i1 %or.cond723, label %B2102.preheader, label %B2226

B2102.preheader:
  %23 = add i64 %p.33.4, 1
  br label %B2102

B2102:
  %lsr.iv = phi i64 [ %23, %B2102.preheader ], [ %lsr.iv.next, %B2166 ]
  %.1394 = phi i8 [ %.1428, %B2166 ], [ %.479, %B2102.preheader ]
  %digits.5.6 = phi i64 [ %.1400, %B2166 ], [ %digits.4.4, %B2102.preheader ]
  %.1396 = icmp eq i8 %.1394, 48
  %.1399.neg = sext i1 %.1396 to i64
  %.1400 = add i64 %digits.5.6, %.1399.neg
  %.1415 = icmp eq i64 %p.34.5, %lsr.iv
  br i1 %.1415, label %B2214, label %B2166

B2166:
  %scevgep238 = getelementptr i8, ptr %arg.data, i64 %lsr.iv
  %.1428 = load i8, ptr %scevgep238, align 1
  %24 = add i8 %.1428, -58
  %or.cond724 = icmp ult i8 %24, -9
  %lsr.iv.next = add i64 %lsr.iv, 1
  br i1 %or.cond724, label %B2102, label %B2214

B2214:
  %.1451 = icmp sgt i64 %.1400, 19
  br i1 %.1451, label %B2226, label %B2234

B2226:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2234:
  %.1513 = icmp eq i64 %w.5.4, 0
  br i1 %.1513, label %B2308, label %B2252

B2252:
  %.1533 = call i32 @to_float(ptr nonnull %.1529, ptr nonnull %excinfo.1, i64 %w.5.4, i64 %q.2.5, ptr %arg.high, ptr %arg.low, ptr %arg.exact)
  %sunkaddr264 = getelementptr inbounds i8, ptr %.1529, i64 8
  %.1543.fca.1.load = load i8, ptr %sunkaddr264, align 8
  %.1548 = icmp eq i8 %.1543.fca.1.load, 0
  br i1 %.1548, label %B2252.endif.thread, label %B2252.endif

B2300:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2308:
  %value.4.5 = phi double [ 0.000000e+00, %B2234 ], [ %.1543.fca.0.load, %B2252.endif ], [ %.1543.fca.0.load, %B2252.endif ]
  %25 = icmp eq i8 %.479, 45
  br i1 %25, label %B2312, label %B2318

B2312:
  %.1640 = fneg double %value.4.5
  br label %B2318

B2318:
  %p.27.4 = phi i64 [ %p.34.5, %B2308 ], [ %p.34.5, %B2312 ], [ %.1039, %B1740.thread ], [ %p.33.4, %B1740 ]
  %value.5.4 = phi double [ %value.4.5, %B2308 ], [ %.1640, %B2312 ], [ 0x7FF8000000000000, %B1740.thread ], [ 0x7FF8000000000000, %B1740 ]
  %26 = icmp eq i64 %arg.separator, 32
  %.1661 = getelementptr double, ptr %35, i64 %kept.2.2859
  store double %value.5.4, ptr %.1661, align 8
  %.1666 = add nsw i64 %kept.2.2859, 1
  %.1674 = getelementptr i8, ptr %arg.data, i64 %p.27.4
  %.1675 = load i8, ptr %.1674, align 1
  %.1677 = icmp eq i8 %.1675, 32
  %.1705 = icmp eq i8 %.1675, 9
  %or.cond725 = and i1 %26, %.1705
  %or.cond735 = select i1 %.1677, i1 true, i1 %or.cond725
  br i1 %or.cond735, label %B2422.preheader, label %B2504

B2422.preheader:
  br label %B2422

B2422:
  %p.42.4 = phi i64 [ %.1714, %B2422 ], [ %p.27.4, %B2422.preheader ]
  %27 = icmp eq i64 %arg.separator, 32
  %.1714 = add nsw i64 %p.42.4, 1
  %sunkaddr265 = getelementptr i8, ptr %arg.data, i64 %p.42.4
  %sunkaddr266 = getelementptr i8, ptr %sunkaddr265, i64 1
  %.1723 = load i8, ptr %sunkaddr266, align 1
  %.1725 = icmp eq i8 %.1723, 32
  %.1746 = icmp eq i8 %.1723, 9
  %or.cond726 = and i1 %27, %.1746
  %or.cond736 = select i1 %.1725, i1 true, i1 %or.cond726
  br i1 %or.cond736, label %B2422, label %B2504

B2504:
  %p.26.3 = phi i64 [ %p.27.4, %B2318 ], [ %p.37.3, %B1056 ], [ %p.37.3, %B1016 ], [ %.1714, %B2422 ]
  %kept.3.3 = phi i64 [ %.1666, %B2318 ], [ %kept.2.2859, %B1056 ], [ %kept.2.2859, %B1016 ], [ %.1666, %B2422 ]
  %.1759 = icmp slt i64 %.364, %arg.width
  br i1 %.1759, label %B2522, label %B3022

B2522:
  %28 = icmp eq i64 %arg.separator, 32
  br i1 %28, label %B2526, label %B2654

B2526:
  %.1765 = icmp eq i64 %p.26.3, %p.33.4
  br i1 %.1765, label %B2642, label %B2538

B2538:
  %29 = getelementptr i8, ptr %arg.data, i64 %p.26.3
  %.1772 = getelementptr i8, ptr %29, i64 -1
  %.1773 = load i8, ptr %.1772, align 1
  %30 = zext i8 %.1773 to i32
  switch i32 %30, label %B2618 [
    i32 32, label %B3022
    i32 9, label %B3022
  ]

B2618:
  %sunkaddr267 = getelementptr i8, ptr %arg.keep, i64 %.357847856
  %.1788 = load i8, ptr %sunkaddr267, align 1
  %.1792 = icmp eq i8 %.1788, 0
  br i1 %.1792, label %B3022, label %B2642

B2642:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2654:
  %.1854 = getelementptr i8, ptr %arg.data, i64 %p.26.3
  %.1855 = load i8, ptr %.1854, align 1
  %.1857 = zext i8 %.1855 to i64
  %.1858 = icmp eq i64 %arg.separator, %.1857
  br i1 %.1858, label %B2678, label %B2692

B2678:
  %.1861 = add nsw i64 %p.26.3, 1
  br label %B3022

B2692:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2704.loopexit:
  %.1932.phi.trans.insert = getelementptr i8, ptr %arg.data, i64 %p.25.3
  %.1933.pre = load i8, ptr %.1932.phi.trans.insert, align 1
  br label %B2704

B2704:
  %.1933 = phi i8 [ %.173, %B406.endif ], [ %.1933.pre, %B2704.loopexit ]
  %p.24.2.lcssa = phi i64 [ %p.23.3, %B406.endif ], [ %p.25.3, %B2704.loopexit ]
  %31 = icmp eq i64 %arg.separator, 32
  %.1935 = icmp eq i8 %.1933, 32
  %.1958 = icmp eq i8 %.1933, 9
  %or.cond727 = and i1 %31, %.1958
  %or.cond737 = select i1 %.1935, i1 true, i1 %or.cond727
  br i1 %or.cond737, label %B2776.preheader, label %B2858

B2776.preheader:
  br label %B2776

B2776:
  %p.43.2 = phi i64 [ %.1965, %B2776 ], [ %p.24.2.lcssa, %B2776.preheader ]
  %32 = icmp eq i64 %arg.separator, 32
  %.1965 = add nsw i64 %p.43.2, 1
  %sunkaddr268 = getelementptr i8, ptr %arg.data, i64 %p.43.2
  %sunkaddr269 = getelementptr i8, ptr %sunkaddr268, i64 1
  %.1974 = load i8, ptr %sunkaddr269, align 1
  %.1976 = icmp eq i8 %.1974, 32
  %.1991 = icmp eq i8 %.1974, 9
  %or.cond728 = and i1 %32, %.1991
  %or.cond738 = select i1 %.1976, i1 true, i1 %or.cond728
  br i1 %or.cond738, label %B2776, label %B2858

B2858:
  %.2012 = phi i8 [ %.1933, %B2704 ], [ %.1974, %B2776 ]
  %p.44.3 = phi i64 [ %p.24.2.lcssa, %B2704 ], [ %.1965, %B2776 ]
  %33 = icmp ne i64 %arg.trailing, 0
  %.2014 = zext i8 %.2012 to i64
  %.2015 = icmp eq i64 %arg.separator, %.2014
  %narrow = select i1 %33, i1 %.2015, i1 false
  %spec.select729 = zext i1 %narrow to i64
  %p.45.2 = add nsw i64 %p.44.3, %spec.select729
  %.2032 = getelementptr i8, ptr %arg.data, i64 %p.45.2
  %.2033 = load i8, ptr %.2032, align 1
  %.2035 = icmp eq i8 %.2033, 13
  %.2038 = zext i1 %.2035 to i64
  %spec.select730 = add nsw i64 %p.45.2, %.2038
  %.2048 = getelementptr i8, ptr %arg.data, i64 %spec.select730
  %.2049 = load i8, ptr %.2048, align 1
  %.2051.not = icmp eq i8 %.2049, 10
  br i1 %.2051.not, label %B2986, label %B2982

B2982:
  store i64 %row.2.1.ph, ptr %retptr, align 8
  br label %common.ret

B2986:
  %.2093 = add nsw i64 %spec.select730, 1
  %.2101 = add nuw nsw i64 %row.2.1.ph, 1
  %.2107 = icmp slt i64 %.2093, %arg.end
  br i1 %.2107, label %B48.outer, label %B3020

B3020:
  %row.4.2 = phi i64 [ 0, %B0 ], [ %row.2.1.ph, %B320 ], [ %.2101, %B2986 ]
  %p.47.2 = phi i64 [ %arg.start, %B0 ], [ %.207, %B320 ], [ %.2093, %B2986 ]
  store i64 %p.47.2, ptr %arg.stop, align 8
  store i64 %row.4.2, ptr %retptr, align 8
  br label %common.ret

B3022:
  %p.25.3 = phi i64 [ %p.26.3, %B2538 ], [ %.1861, %B2678 ], [ %p.26.3, %B2618 ], [ %p.26.3, %B2538 ], [ %p.26.3, %B2504 ]
  %exitcond.not = icmp eq i64 %arg.width, %.364
  br i1 %exitcond.not, label %B2704.loopexit, label %B444

B406.endif:
  %34 = icmp slt i64 %arg.width, 1
  br i1 %34, label %B2704, label %B444.lr.ph

B444.lr.ph:
  %.1656 = mul nsw i64 %row.2.1.ph, %arg.columns
  %35 = getelementptr double, ptr %arg.out, i64 %.1656
  %.717.idx = shl i64 %row.2.1.ph, 4
  br label %B444

B2252.endif:
  %.1543.fca.0.load = load double, ptr %.1529, align 8
  switch i32 %.1533, label %B2252.endif.if.if [
    i32 -2, label %B2308
    i32 0, label %B2308
  ]

B2252.endif.thread:
  switch i32 %.1533, label %B2252.endif.if.if [
    i32 -2, label %B2300
    i32 0, label %B2300
  ]

B2252.endif.if.if:
  store ptr null, ptr %excinfo, align 8
  br label %common.ret
}

define private i32 @to_float(ptr noalias writeonly %retptr, ptr noalias readnone %excinfo, i64 %arg.w, i64 %arg.q, ptr readonly %arg.high, ptr readonly %arg.low, ptr readonly %arg.exact)  {
B0:
  %.20 = icmp ult i64 %arg.w, 9007199254740993
  %.23 = icmp sgt i64 %arg.q, -23
  %or.cond = select i1 %.20, i1 %.23, i1 false
  br i1 %or.cond, label %B68, label %B202

B68:
  %.30 = icmp slt i64 %arg.q, 23
  br i1 %.30, label %B84, label %B224

B84:
  %.45 = icmp slt i64 %arg.q, 0
  %.48 = uitofp i64 %arg.w to double
  br i1 %.45, label %B96, label %B150

B96:
  %.52 = sub nsw i64 0, %arg.q
  %.56 = getelementptr double, ptr %arg.exact, i64 %.52
  %.57 = load double, ptr %.56, align 8
  %.63 = fdiv double %.48, %.57
  br label %B200

B150:
  %.76 = getelementptr double, ptr %arg.exact, i64 %arg.q
  %.77 = load double, ptr %.76, align 8
  %.82 = fmul double %.77, %.48
  br label %B200

common.ret:
  ret i32 0

B200:
  %"$phi200.0.2.sroa.0.0" = phi double [ %.63, %B96 ], [ %.82, %B150 ]
  %.96 = insertvalue { double, i8 } undef, double %"$phi200.0.2.sroa.0.0", 0
  %.97 = insertvalue { double, i8 } %.96, i8 1, 1
  store { double, i8 } %.97, ptr %retptr, align 8
  br label %common.ret

B202:
  %0 = add i64 %arg.q, -301
  %or.cond115 = icmp ult i64 %0, -641
  br i1 %or.cond115, label %B246, label %B250

B224:
  %.106.old = icmp ugt i64 %arg.q, 300
  br i1 %.106.old, label %B246, label %B250

B246:
  tail call void @llvm.memset.p0.i64(ptr nonnull align 8 dereferenceable(16) %retptr, i8 0, i64 16, i1 false)
  br label %common.ret

B250:
  %.128 = tail call i64 @llvm.ctlz.i64(i64 %arg.w, i1 false)
  %.134 = shl i64 %arg.w, %.128
  %1 = getelementptr i64, ptr %arg.high, i64 %arg.q
  %.143 = getelementptr i8, ptr %1, i64 2720
  %.144 = load i64, ptr %.143, align 8
  %.146 = zext i64 %.134 to i128
  %.147 = zext i64 %.144 to i128
  %.148 = mul nuw i128 %.147, %.146
  %.149 = lshr i128 %.148, 64
  %.150 = trunc i128 %.149 to i64
  %.166 = mul i64 %.144, %.134
  %.175 = and i64 %.150, 511
  %.176 = icmp eq i64 %.175, 511
  br i1 %.176, label %B478, label %B632

B478:
  %2 = zext i64 %.134 to i128
  %sunkaddr = shl nsw i64 %arg.q, 3
  %sunkaddr2 = getelementptr i8, ptr %arg.low, i64 %sunkaddr
  %sunkaddr3 = getelementptr i8, ptr %sunkaddr2, i64 2720
  %.190 = load i64, ptr %sunkaddr3, align 8
  %.195 = zext i64 %.190 to i128
  %.196 = mul nuw i128 %.195, %2
  %.197 = lshr i128 %.196, 64
  %.198 = trunc i128 %.197 to i64
  %3 = tail call { i64, i1 } @llvm.uadd.with.overflow.i64(i64 %.166, i64 %.198)
  %math = extractvalue { i64, i1 } %3, 0
  %ov = extractvalue { i64, i1 } %3, 1
  br i1 %ov, label %B580.thread, label %B580

B580.thread:
  %.212 = add nuw i64 %.150, 1
  br label %B632

B580:
  %.229 = icmp eq i64 %math, -1
  br i1 %.229, label %B628, label %B632

B628:
  tail call void @llvm.memset.p0.i64(ptr nonnull align 8 dereferenceable(16) %retptr, i8 0, i64 16, i1 false)
  br label %common.ret

B632:
  %upper.2.0 = phi i64 [ %.150, %B580 ], [ %.150, %B250 ], [ %.212, %B580.thread ]
  %lower.2.0 = phi i64 [ %math, %B580 ], [ %.166, %B250 ], [ %math, %B580.thread ]
  %.261 = lshr i64 %upper.2.0, 63
  %.273 = mul nsw i64 %arg.q, 217706
  %.274 = ashr i64 %.273, 16
  %reass.sub = sub nsw i64 %.274, %.128
  %.276 = add nsw i64 %reass.sub, 63
  %.280 = add nsw i64 %.276, %.261
  %4 = add nsw i64 %.280, -1023
  %or.cond116 = icmp ult i64 %4, -2045
  br i1 %or.cond116, label %B870, label %B874

B870:
  tail call void @llvm.memset.p0.i64(ptr nonnull align 8 dereferenceable(16) %retptr, i8 0, i64 16, i1 false)
  br label %common.ret

B874:
  %.262 = add nuw nsw i64 %.261, 9
  %.268 = lshr i64 %upper.2.0, %.262
  %.315 = icmp ult i64 %lower.2.0, 2
  %5 = add nsw i64 %arg.q, 4
  %6 = icmp ult i64 %5, 28
  %or.cond118 = select i1 %.315, i1 %6, i1 false
  %.377 = and i64 %.268, 3
  %.378 = icmp eq i64 %.377, 1
  %or.cond119 = select i1 %or.cond118, i1 %.378, i1 false
  %.397 = shl i64 %.268, %.262
  %.401 = icmp eq i64 %.397, %upper.2.0
  %or.cond120 = select i1 %or.cond119, i1 %.401, i1 false
  %.407 = and i64 %.268, 72057594037927934
  %mantissa.4.0 = select i1 %or.cond120, i64 %.407, i64 %.268
  %.424 = and i64 %mantissa.4.0, 1
  %.426 = add nuw nsw i64 %.424, %mantissa.4.0
  %.429 = lshr i64 %.426, 1
  %.433 = icmp ugt i64 %.426, 18014398509481983
  %power.2.0.v = select i1 %.433, i64 1024, i64 1023
  %power.2.0 = add nsw i64 %power.2.0.v, %.280
  %7 = and i64 %.429, 4503599627370495
  %.447 = select i1 %.433, i64 0, i64 %7
  %.453 = shl nuw nsw i64 %power.2.0, 52
  %.454 = or i64 %.453, %.447
  %.455 = bitcast i64 %.454 to double
  %.463 = insertvalue { double, i8 } undef, double %.455, 0
  %.464 = insertvalue { double, i8 } %.463, i8 1, 1
  store { double, i8 } %.464, ptr %retptr, align 8
  br label %common.ret
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i64 @llvm.ctlz.i64(i64, i1)
declare { i64, i1 } @llvm.uadd.with.overflow.i64(i64, i64)
